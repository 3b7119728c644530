# Reports requests and bytes for each host of a log on standard input.
log=$(cat)
for host in $(echo "$log" | cut -d ' ' -f 1 | LC_ALL=C sort -u); do
  requests=0
  total=0
  for entry in $(echo "$log" | grep "^$host " | tr ' ' ','); do
    status=$(echo "$entry" | cut -d , -f 2)
    bytes=${entry##*,}
    requests=$((requests + 1))
    if [ "$status" = 200 ]; then
      total=$((total + bytes))
    fi
  done
  echo "$host $requests $total"
done
