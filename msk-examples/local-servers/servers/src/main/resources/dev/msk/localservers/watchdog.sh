# sh -c THIS watchdog LOG SIGNAL FOLDER COMMAND...
#
# Runs COMMAND and writes its exit code to FOLDER/exit. Whoever started this holds the other end of our stdin: at its
# end, which comes even when that process was killed with -9, COMMAND gets SIGNAL, and KILL some seconds later; then
# FOLDER goes, unless the word "keep" came before. Other words on stdin are signals: "STOP 17 18" sends STOP to 17 and
# 18 and answers with the word.
log=$1 signal=$2 folder=$3
shift 3

# Waits at most so many seconds, by the clock: a busy machine takes long for each sleep.
await_exit() {
  end=$(($(date +%s) + $1))
  until [ -e "$folder/exit" ]; do
    [ "$(date +%s)" -le "$end" ] || return 1
    sleep 0.05
  done
}

# Handlers, not '': an ignored signal would be ignored by COMMAND as well.
trap : INT HUP TERM
exec 3<&0 </dev/null
"$@" 3<&- >>"$log" 2>&1 &
server=$!
echo "$server"

(
  trap '' INT HUP TERM
  keep= stopped=
  while read -r word pids <&3; do
    case $word in
      keep) keep=1 ;;
      STOP) stopped=$pids; kill -s STOP $pids ;;
      *) kill -s "$word" $pids ;;
    esac
    echo "$word"
  done
  # Without the file nobody has reaped COMMAND, so its number cannot belong to another process.
  if [ ! -e "$folder/exit" ]; then
    kill -s "$signal" "$server"
    [ -n "$stopped" ] && kill -s CONT $stopped
    if [ -n "$keep" ]; then await_exit 10; else await_exit 3; fi || {
      kill -s KILL "$server"
      await_exit 5
    }
  fi
  [ -n "$keep" ] || rm -rf -- "$folder"
) 2>/dev/null &
guard=$!

exec 3<&- >/dev/null
# A signal to this shell ends wait early.
while :; do
  wait "$server"
  code=$?
  kill -0 "$server" 2>/dev/null || break
done
echo "$code" >"$folder/exit"
while kill -0 "$guard" 2>/dev/null; do
  wait "$guard"
done
