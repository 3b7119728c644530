// Runs inside a sandbox: gives a CLI an HTTP address on the loopback interface whose traffic goes to the bridge's Unix socket,
// and lives as long as the CLI does. Plain JavaScript without dependencies: it runs on whatever Node is mounted.
//
//   node relay.mjs SOCKET PROGRAM ARGUMENT…
//
// `{BRIDGE}` in an argument or in a value of the environment becomes the address, `http://127.0.0.1:PORT`.
import { spawn } from 'node:child_process';
import { connect, createServer } from 'node:net';

const [socket, program, ...args] = process.argv.slice(2);

const server = createServer((inside) => {
  const outside = connect(socket);
  inside.pipe(outside).pipe(inside);
  inside.on('error', () => outside.destroy());
  outside.on('error', () => inside.destroy());
});

server.listen(0, '127.0.0.1', () => {
  const address = `http://127.0.0.1:${server.address().port}`;
  const filled = (text) => text.replaceAll('{BRIDGE}', address);
  const env = Object.fromEntries(Object.entries(process.env).map(([name, value]) => [name, filled(value)]));
  const child = spawn(filled(program), args.map(filled), { stdio: 'inherit', env });
  child.on('error', (error) => {
    console.error(`can't start ${program}: ${error.message}`);
    process.exit(127);
  });
  child.on('exit', (code, signal) => process.exit(code ?? (signal === null ? 1 : 128)));
});
