# One pass: requests and bytes for each host, then sorted.
awk '{ requests[$1]++; if ($2 == 200) total[$1] += $3 }
  END { for (host in requests) printf "%s %d %d\n", host, requests[host], total[host] }' | LC_ALL=C sort
