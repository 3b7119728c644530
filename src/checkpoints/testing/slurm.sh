#!/usr/bin/env bash
# A Slurm of one node without systemd, for tests: slurm.sh up|controller|node|down DIR. Key, sockets, state and logs are in DIR; loopback only.
# Needs Debian's slurmctld slurmd slurm-client slurm-wlm-basic-plugins munge.
set -euo pipefail
dir=$(realpath -m "$2")
export SLURM_CONF=$dir/slurm.conf
stop() { [ ! -f "$1" ] || kill "$(cat "$1")" 2>/dev/null || true; }
if [ "$1" = down ]; then
  scancel -u "$(id -un)" 2>/dev/null || true
  sleep 0.5
  for name in slurmd.pid slurmctld.pid munge/pid; do stop "$dir/$name"; done
  exit 0
fi
mkdir -p "$dir"
# Daemons keep what they inherit: a pipe to the test would stay open for ever.
exec >>"$dir/log.txt" 2>&1 </dev/null
case $1 in
  controller) exec slurmctld -f "$SLURM_CONF" ;;
  node) exec slurmd -f "$SLURM_CONF" -N "$(hostname -s)" ;;
esac
host=$(hostname -s)
user=$(id -un)
port=$((20000 + RANDOM % 20000))
mkdir -p "$dir"/{state,spool,log,munge}
chmod 755 "$dir"
chmod 700 "$dir/munge"
head -c 1024 /dev/urandom >"$dir/munge/key"
chmod 400 "$dir/munge/key"
cat >"$SLURM_CONF" <<C
ClusterName=ci
SlurmctldHost=$host(127.0.0.1)
SlurmUser=$user
SlurmdUser=$user
AuthType=auth/munge
AuthInfo=socket=$dir/munge/socket,cred_expire=10
CryptoType=crypto/munge
SlurmctldPort=$port
SlurmdPort=$((port + 1))
SlurmctldParameters=enable_configless
CommunicationParameters=NoCtldInAddrAny,NoInAddrAny
StateSaveLocation=$dir/state
SlurmdSpoolDir=$dir/spool
SlurmctldPidFile=$dir/slurmctld.pid
SlurmdPidFile=$dir/slurmd.pid
SlurmctldLogFile=$dir/log/slurmctld.log
SlurmdLogFile=$dir/log/slurmd.log
ProctrackType=proctrack/linuxproc
TaskPlugin=task/none
MpiDefault=none
SelectType=select/cons_tres
SelectTypeParameters=CR_CPU
ReturnToService=2
SlurmdTimeout=60
InactiveLimit=0
KillWait=10
MinJobAge=300
JobRequeue=1
PreemptType=preempt/partition_prio
PreemptMode=REQUEUE
SchedulerParameters=batch_sched_delay=1,sched_interval=2,bf_interval=2,requeue_delay=1
AccountingStorageType=accounting_storage/none
JobAcctGatherType=jobacct_gather/linux
JobCompType=jobcomp/none
NodeName=$host NodeAddr=127.0.0.1 CPUs=$(nproc) RealMemory=$(awk '/MemTotal/{print int($2/1024*0.9)}' /proc/meminfo) State=UNKNOWN
PartitionName=ci Nodes=$host Default=YES MaxTime=INFINITE State=UP OverSubscribe=FORCE:8
# What runs here has other jobs end and go back into the queue.
PartitionName=urgent Nodes=$host MaxTime=INFINITE State=UP PriorityTier=10 OverSubscribe=EXCLUSIVE PreemptMode=OFF
C
munged --key-file="$dir/munge/key" --socket="$dir/munge/socket" --pid-file="$dir/munge/pid" --log-file="$dir/munge/log" \
  --seed-file="$dir/munge/seed" --force
slurmctld -f "$SLURM_CONF"
slurmd -f "$SLURM_CONF" -N "$host"
for _ in $(seq 120); do
  sinfo -h -o %T 2>/dev/null | grep -qE 'idle|mix' && exit 0
  sleep 0.25
done
echo 'Slurm does not come up' >&2
tail -n 5 "$dir"/log/*.log >&2
exit 1
