#!/usr/bin/env bash
# Runs one training in its folder: run-job.sh FOLDER COMMAND…
# Its words go to progress.jsonl and log.txt, and its end to exit.json: whoever asks can read them there, however late.
# One job has one owner: the lock is the kernel's, and is free again when the last process of the job has ended.
folder=$1
shift
cd "$folder" || exit 66
child=
asked=
size() { wc -c <progress.jsonl 2>/dev/null || echo 0; }
# A trainer that has said nothing yet may not be ready for the signal: it would end without a saved state, or miss it.
save_and_stop() {
  asked=1
  [ -n "$child" ] || return
  for _ in $(seq 150); do
    [ "$(size)" = "$before" ] && kill -0 "$child" 2>/dev/null || break
    sleep 0.2
  done
  kill -USR1 "$child" 2>/dev/null
}
trap save_and_stop USR1
if command -v flock >/dev/null; then
  exec 9>>lock
  # The start before this one may be at its last words.
  flock -w 5 9 || { printf '{"attempt":"%s","code":73}\n' "${STEMMA_ATTEMPT:-}" >refused.json; exit 73; }
fi
rm -f exit.json
before=$(size)
"$@" >>progress.jsonl 2>>log.txt &
child=$!
trap 'kill -TERM $child 2>/dev/null' TERM INT HUP
[ -z "$asked" ] || save_and_stop
while :; do
  wait $child
  code=$?
  kill -0 $child 2>/dev/null || break
done
# It was asked so early that the signal itself ended it: what it saved before is still there.
[ -n "$asked" ] && [ "$(size)" = "$before" ] && [ $code = $((128 + $(kill -l USR1))) ] && code=75
# A job that goes back into the queue has not ended.
[ $code = 75 ] && [ "${STEMMA_REQUEUE:-}" = 1 ] && exit 75
printf '{"attempt":"%s","code":%d}\n' "${STEMMA_ATTEMPT:-}" $code >exit.json.part && mv exit.json.part exit.json
exit $code
