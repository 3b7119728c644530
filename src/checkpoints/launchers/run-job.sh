#!/usr/bin/env bash
# Runs one training in its folder: run-job.sh FOLDER COMMAND…
# Its words go to progress.jsonl and log.txt, and its end to exit.json: whoever asks can read them there, however late.
# One job has one owner: the lock is the kernel's, and is free again when the last process of the job has ended.
folder=$1
shift
cd "$folder" || exit 66
if command -v flock >/dev/null; then
  exec 9>>lock
  # The start before this one may be at its last words.
  flock -w 5 9 || { printf '{"attempt":"%s","code":73}\n' "${STEMMA_ATTEMPT:-}" >refused.json; exit 73; }
fi
rm -f exit.json
"$@" >>progress.jsonl 2>>log.txt &
child=$!
trap 'kill -USR1 $child 2>/dev/null' USR1
trap 'kill -TERM $child 2>/dev/null' TERM INT HUP
while :; do
  wait $child
  code=$?
  kill -0 $child 2>/dev/null || break
done
# A job that goes back into the queue has not ended.
[ $code = 75 ] && [ "${STEMMA_REQUEUE:-}" = 1 ] && exit 75
printf '{"attempt":"%s","code":%d}\n' "${STEMMA_ATTEMPT:-}" $code >exit.json.part && mv exit.json.part exit.json
exit $code
