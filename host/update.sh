#!/bin/sh
# Keyturn's host update, host/CONTRACT.md version 1, in POSIX sh for dash, busybox and bash: gives a service its new
# secret inside its safe window, proves it, or puts everything back. update.ps1 is its twin: same functions, same order.
#
# Needs the tools that `check_tools` names, all of them in coreutils + util-linux + awk + sed and in busybox. No eval of
# data (eval only forms variable names out of the list below), no secret on a command line or in the environment: the
# shells' own printf, case and read carry it, and that printf is built in is checked. Nothing is echoed.
#
# The f_ variables are the input's fields, assigned by name in decode_field:
# shellcheck disable=SC2154

set -uf
set +xv
umask 077
LC_ALL=C
PATH=${PATH:-/usr/bin:/bin}:/usr/sbin:/usr/bin:/sbin:/bin
export LC_ALL PATH

CONTRACT=keyturn-update/1
JOURNAL=keyturn-journal/1
SECRET_FIELDS='content before after value'
PLAIN_FIELDS='consumer epoch keyId revision attempt retry exitZeroFor writer formerWriters serviceManager service startCommand
stopCommand statusCommand filePath fileMode window traceDirectory tracePattern tracePrefix traceSuffix traceInstances failurePatterns
windowDaily marginSeconds patienceSeconds stopTimeoutSeconds startTimeoutSeconds proofReencrypted proofSyncLine
settleSeconds proofTimeoutSeconds deadlineSeconds deadManSeconds'
INPUT_SECONDS=60
ARM_SECONDS=30
STATUS_SECONDS=15
TRACE_BYTES=1048576
HISTORY_LINES=40
NL='
'
CR=$(printf '\r')
WORDS=$IFS

mode=
problems=
interrupted=
# Known before the input is.
f_consumer='' f_epoch='' f_keyId='' f_revision='' f_attempt='' f_retry=0 f_service='' f_filePath='' f_exitZeroFor=''
service='' state=unknown dir='' locked=no holding='' armed=no swapped=no watching=no watched='' restarted=''
adopted_key='' adopted_revision='' adopted_mode='' adopted_writer='' restored_count=0 history='' trace_mark=''
journal_phase=closed was_interrupted=''
next_sync='' phase_name='' phase_names='' downtime=0 down_since='' restarts=0 fault='' deadline_at=''

# ---------------------------------------------------------------------------------------------- small things

problem() { problems=$problems$1$NL; }

# Milliseconds of a clock that does not jump, in $now.
now_ms() {
  if [ -r /proc/uptime ] && read -r now _ </proc/uptime; then
    now=$((${now%.*} * 1000 + 1${now#*.}0 - 1000))
  else
    now=$(($(date +%s) * 1000))
  fi
}

# Short sleep between two looks; whole seconds where the shell's sleep knows no fractions.
pause() { sleep "$1" 2>/dev/null || sleep 1; }

enter_phase() {
  now_ms
  leave_phase
  phase_name=$1
  phase_since=$now
  case " $phase_names " in *" $1 "*) ;; *) phase_names="$phase_names $1" ;; esac
}

leave_phase() {
  [ -n "$phase_name" ] || return 0
  eval "spent_$phase_name=\$((\${spent_$phase_name:-0} + $((now - phase_since))))"
  phase_name=
}

flush() { sync "$1" 2>/dev/null || sync; }

utc_time() { stamp=$(date -u +%Y-%m-%dT%H:%M:%SZ); }

# Mode, owner and group of a file as ls shows them, in $meta; number of names in $names.
file_meta() {
  # The first four words only; the name is behind them.
  # shellcheck disable=SC2012,SC2046
  set -- $(ls -ldn "$1" 2>/dev/null)
  meta="${1:-} ${3:-} ${4:-}" names=${2:-0} file_mode=${1:-} file_uid=${3:-}
}

file_size() { size=$(wc -c <"$1" 2>/dev/null) && size=$((size)); }

# ---------------------------------------------------------------------------------------------- input

# Reads version line, one name=base64 line per field of $1, end line. Leaves b64_<name>.
read_fields() {
  wanted=$1 seen=' ' ended=no number=1
  if ! IFS= read -r line; then
    problem "The input ends within its first line: nothing was sent, or the connection was cut."
    return
  fi
  if [ "$line" != "$CONTRACT" ]; then
    problem "The input's first line must be $CONTRACT."
    cat >/dev/null
    return
  fi
  while IFS= read -r line; do
    number=$((number + 1))
    if [ "$line" = end ]; then
      ended=yes
      break
    fi
    case $line in *=*) ;; *)
      problem "Line $number of the input holds no '='."
      continue
      ;;
    esac
    name=${line%%=*} value=${line#*=}
    case $name in *[!A-Za-z]* | '') name=none ;; esac
    case $NL$WORDS$wanted$NL in *[$WORDS]"$name"[$WORDS]*) ;; *)
      problem "Line $number of the input names an unknown field."
      continue
      ;;
    esac
    case $seen in *" $name "*)
      problem "$name: given more than once."
      continue
      ;;
    esac
    seen="$seen$name "
    if is_base64 "$value"; then
      eval "b64_$name=\$value"
    else
      eval "b64_$name="
      problem "$name: is not base64."
    fi
  done
  if [ "$ended" = no ]; then
    [ -z "$interrupted" ] || problem "The input was not complete within $INPUT_SECONDS seconds, or the run was asked to end."
    problem "The input has no end line: the connection was cut."
    return
  fi
  if IFS= read -r line || [ -n "$line" ]; then
    problem "Bytes follow the input's end line."
    cat >/dev/null
  fi
  for name in $wanted; do
    case $seen in *" $name "*) ;; *)
      problem "$name: is missing."
      eval "b64_$name="
      ;;
    esac
  done
}

# No cutting here: on a long text that is slow in these shells.
is_base64() {
  case $1 in *[!A-Za-z0-9+/=]* | *=[!=]* | *===*) return 1 ;; esac
  [ $((${#1} % 4)) -eq 0 ]
}

# Number of bytes that a base64 text stands for, in $bytes.
decoded_size() {
  padding=0
  case $1 in *==) padding=2 ;; *=) padding=1 ;; esac
  bytes=$((${#1} * 3 / 4 - padding))
}

# b64_<name> to f_<name>, exactly; a NUL, which a shell cannot hold, is a problem.
decode_field() {
  eval "encoded=\$b64_$1"
  { plain=$(printf '%s' "$encoded" | base64 -d && printf x); } 2>/dev/null
  plain=${plain%x}
  decoded_size "$encoded"
  [ "${#plain}" -eq "$bytes" ] || problem "$1: holds a NUL byte or is not base64."
  eval "f_$1=\$plain"
}

check_word() {
  for name in "$@"; do
    eval "plain=\$f_$name"
    case $plain in '' | *[!A-Za-z0-9._:+-]*) problem "$name: must be 1 to 128 of A-Z a-z 0-9 . _ : + -" ;; esac
    [ "${#plain}" -le 128 ] || problem "$name: must be 1 to 128 of A-Z a-z 0-9 . _ : + -"
  done
}

check_int() {
  least=$1
  shift
  for name in "$@"; do
    eval "plain=\$f_$name"
    case $plain in '' | *[!0-9]* | 0?* | ???????*) problem "$name: must be whole, 0 to 999999." && eval "f_$name=$least" ;; *)
      [ "$plain" -ge "$least" ] || problem "$name: must be at least $least."
      ;;
    esac
  done
}

check_choice() {
  name=$1
  eval "plain=\$f_$1"
  shift
  for choice in "$@"; do [ "$plain" != "$choice" ] || return 0; done
  problem "$name: must be one of: $*."
}

check_text() {
  for name in "$@"; do
    eval "plain=\$f_$name"
    case $plain in *[[:cntrl:]]*) problem "$name: must hold no control characters." ;; esac
    [ "${#plain}" -le 1024 ] || problem "$name: must be at most 1024 bytes long."
  done
}

check_lines() {
  for name in "$@"; do
    eval "plain=\$f_$name"
    case $NL$plain in *"$NL$NL"*) problem "$name: must hold no empty line." ;; esac
    IFS=$NL
    for part in $plain; do
      case $part in *[[:cntrl:]]*) problem "$name: must hold no control characters." ;; esac
      [ "${#part}" -le 1024 ] || problem "$name: a line must be at most 1024 bytes long."
    done
    IFS=$WORDS
  done
}

check_command() {
  for name in startCommand stopCommand statusCommand; do
    eval "plain=\$f_$name"
    case $f_serviceManager in
      command) [ -n "$plain" ] || problem "$name: must be given for serviceManager command." ;;
      *) [ -z "$plain" ] || problem "$name: must be empty unless serviceManager is command." ;;
    esac
    IFS=$NL
    for part in $plain; do
      case $part in *\"* | *\\) problem "$name: a part must hold no \" and not end in \\." ;; esac
    done
    IFS=$WORDS
  done
}

# Types and what must hold between fields; $1 = yes when the secret fields are there too.
check_fields() {
  for field in $PLAIN_FIELDS; do decode_field "$field"; done
  check_word consumer epoch keyId revision attempt writer
  check_int 0 retry marginSeconds patienceSeconds settleSeconds
  check_int 1 stopTimeoutSeconds startTimeoutSeconds proofTimeoutSeconds deadlineSeconds deadManSeconds
  check_lines service exitZeroFor formerWriters traceInstances failurePatterns startCommand stopCommand statusCommand
  check_text filePath traceDirectory tracePattern tracePrefix traceSuffix
  check_choice serviceManager windows systemd command
  check_choice fileMode content edit
  check_choice window trace daily none
  check_choice proofReencrypted true false
  check_choice proofSyncLine true false
  IFS=$NL
  for part in $f_exitZeroFor; do
    case $part in alreadyAdopted | notNow) ;; *) problem "exitZeroFor: must list alreadyAdopted or notNow." ;; esac
  done
  IFS=$WORDS
  check_command
  [ -n "$f_service" ] || problem "service: must not be empty."
  [ "$f_serviceManager" != windows ] || problem "serviceManager: windows needs update.ps1."
  case $f_filePath in /*) ;; *) problem "filePath: must be an absolute path." ;; esac
  case $f_windowDaily in '') ;;
    [01][0-9]:[0-5][0-9]-[01][0-9]:[0-5][0-9] | [01][0-9]:[0-5][0-9]-2[0-3]:[0-5][0-9]) ;;
    2[0-3]:[0-5][0-9]-[01][0-9]:[0-5][0-9] | 2[0-3]:[0-5][0-9]-2[0-3]:[0-5][0-9]) ;;
    *) problem "windowDaily: must be HH:MM-HH:MM or empty." ;;
  esac
  traced=no
  [ -z "$f_traceDirectory" ] || [ -z "$f_tracePattern" ] || traced=yes
  marked=$traced
  [ -n "$f_tracePrefix" ] || marked=no
  [ "$f_window$marked" != traceno ] || problem "window: trace needs traceDirectory, tracePattern and tracePrefix."
  [ "$f_proofSyncLine$marked" != trueno ] ||
    problem "proofSyncLine: needs traceDirectory, tracePattern and tracePrefix."
  [ -z "$f_failurePatterns" ] || [ $traced = yes ] || problem "failurePatterns: needs traceDirectory and tracePattern."
  [ "$f_window$f_windowDaily" != daily ] || problem "window: daily needs windowDaily."
  [ "$f_settleSeconds" -le "$f_proofTimeoutSeconds" ] || problem "settleSeconds: must be at most proofTimeoutSeconds."
  least=$((2 * (f_stopTimeoutSeconds + f_startTimeoutSeconds + f_proofTimeoutSeconds) + f_settleSeconds + 10))
  [ "$f_deadManSeconds" -ge $least ] || problem "deadManSeconds: must be at least $least."
  least=$((least + f_patienceSeconds + 20))
  [ "$f_deadlineSeconds" -ge $least ] || problem "deadlineSeconds: must be at least $least."
  [ "$1" = no ] || check_secrets
}

check_secrets() {
  for field in before after value; do decode_field "$field"; done
  [ -n "$f_value" ] || problem "value: must not be empty."
  case $f_value in *"$NL"* | *"$CR"*) problem "value: must hold no line break." ;; esac
  decoded_size "$b64_content"
  new_size=$bytes
  [ "$bytes" -le 1048576 ] || problem "content: must be at most 1 MiB."
  if [ "$f_fileMode" = edit ]; then
    [ -z "$b64_content" ] || problem "content: must be empty for fileMode edit."
    [ -n "$f_before" ] || problem "before: must be given for fileMode edit."
    [ -n "$f_after" ] || problem "after: must be given for fileMode edit."
  else
    [ -z "$f_before$f_after" ] || problem "before, after: must be empty for fileMode content."
    [ -n "$b64_content" ] || problem "content: must be given for fileMode content."
    { text=$(printf '%s' "$b64_content" | base64 -d | tr -d '\000'); } 2>/dev/null
    case $text in *"$f_value"*) ;; *) problem "content: must contain value." ;; esac
    text=
  fi
}

# The whole input, with a bound on its coming; all problems in one refusal, nothing touched.
read_input() {
  enter_phase input
  trap 'interrupted=late' TERM
  (
    second=0
    while [ $second -lt $INPUT_SECONDS ] && sleep 1 && kill -0 $$; do second=$((second + 1)); done
    [ $second -lt $INPUT_SECONDS ] || kill -TERM $$
  ) </dev/null >/dev/null 2>&1 &
  timer=$!
  read_fields "$SECRET_FIELDS $PLAIN_FIELDS"
  { kill -KILL $timer; wait $timer; } 2>/dev/null
  [ -n "$problems" ] || check_fields yes
  [ -z "$problems" ] || refuse_problems "The input is refused" "Nothing was touched. Correct the settings and run again."
  deadline_at=$((started_ms + f_deadlineSeconds * 1000))
}

# ---------------------------------------------------------------------------------------------- service

# A command given as lines, bounded, with nothing of ours: no input, no output, no shell.
run_command() {
  limit=$1
  IFS=$NL
  # shellcheck disable=SC2086 # one word a line is what is wanted
  set -- $2
  IFS=$WORDS
  timeout -k 5 "$limit" "$@" </dev/null >/dev/null 2>&1 3>&- 4>&- 5>&- 6>&- 7>&- 8>&- 9>&-
}

# $state: running, stopped, missing or unknown.
service_state() {
  state=unknown
  case $f_serviceManager in
    command)
      run_command $STATUS_SECONDS "$f_statusCommand"
      case $? in 0) state=running ;; 3) state=stopped ;; 4) state=missing ;; esac
      ;;
    systemd)
      shown=$(timeout $STATUS_SECONDS systemctl show --no-pager -p ActiveState "$service" 2>/dev/null)
      case $shown in
        ActiveState=active | ActiveState=reloading) state=running ;;
        ActiveState=inactive | ActiveState=failed) state=stopped ;;
      esac
      ;;
  esac
}

# Exactly one service, by one of the names, else by one of the display names: $service.
find_service() {
  service=${f_service%%"$NL"*} called='' found='' masked='' id='' description=''
  IFS=$NL
  for name in $f_service; do called=${called:+$called or }$name; done
  IFS=$WORDS
  case $f_serviceManager in command)
    service_state
    [ $state != missing ] || problem "service: none is known to statusCommand as $called."
    return
    ;;
  esac
  if ! command -v systemctl >/dev/null; then
    problem "serviceManager: systemd is not on this host."
    return
  fi
  IFS=$NL
  for name in $f_service; do
    case $name in *[!A-Za-z0-9:_.@\\-]*) continue ;; esac
    name=${name%.service}.service
    case $(timeout $STATUS_SECONDS systemctl show --no-pager -p LoadState "$name" 2>/dev/null) in
      LoadState=loaded) found="$found$name " ;;
      LoadState=masked) masked="$masked$name " ;;
    esac
  done
  if [ -z "$found$masked" ]; then
    for line in $(timeout $STATUS_SECONDS systemctl show --no-pager -p Id -p Description '*.service' 2>/dev/null); do
      case $line in Id=*) id=${line#Id=} ;; Description=*) description=${line#Description=} ;; esac
      if [ -z "$id" ] || [ -z "$description" ]; then continue; fi
      case $NL$f_service$NL in *"$NL$description$NL"*) found="$found$id " ;; esac
      id='' description=''
    done
  fi
  IFS=$WORDS
  case $found in
    '') problem "service: ${masked:+${masked% } is masked, and }none has the name or description $called." ;;
    *' '?*) problem "service: several have the name or description $called: ${found% }." ;;
    *) service=${found% } ;;
  esac
}

# When the service's process began: $began in seconds since 1970, and $began_mark, which differs for every start. Both
# empty where its manager does not tell.
service_began() {
  began='' began_mark=''
  case $f_serviceManager in
    command)
      IFS=$NL
      # shellcheck disable=SC2086 # one word a line is what is wanted
      for line in $(timeout -k 5 $STATUS_SECONDS $f_statusCommand </dev/null 2>/dev/null | tr -d '\r'); do
        case $line in 'started '*) began=${line#started } ;; esac
      done
      IFS=$WORDS
      case $began in '' | *[!0-9]* | 0* | ????????????*) began= ;; esac
      began_mark=$began
      ;;
    systemd)
      shown=$(timeout $STATUS_SECONDS systemctl show --no-pager -p ExecMainStartTimestampMonotonic "$service" 2>/dev/null)
      began_mark=${shown#ExecMainStartTimestampMonotonic=}
      case $began_mark in '' | *[!0-9]* | 0*) began_mark= ;; *)
        now_ms
        began=$(($(date +%s) - (now - began_mark / 1000) / 1000))
        ;;
      esac
      ;;
  esac
}

# Waits until the service is in state $1, at most $2 seconds after $3 (milliseconds).
wait_state() {
  while :; do
    service_state
    [ $state != "$1" ] || return 0
    now_ms
    [ "$now" -lt $(($3 + $2 * 1000)) ] || return 1
    pause 0.1
  done
}

stop_service() {
  now_ms
  since=$now
  : "${down_since:=$since}"
  case $f_serviceManager in
    command) words=$f_stopCommand ;;
    systemd) words=systemctl${NL}stop$NL$service ;;
  esac
  # 0 says that it has stopped. Not asked again: while the service is stopped every program costs its users.
  if run_command "$f_stopTimeoutSeconds" "$words"; then
    state=stopped
    return 0
  fi
  wait_state stopped "$f_stopTimeoutSeconds" "$since" && return 0
  fault="the service did not stop within $f_stopTimeoutSeconds seconds"
  return 1
}

start_service() {
  now_ms
  since=$now restarts=$((restarts + 1))
  case $f_serviceManager in
    command) run_command "$f_startTimeoutSeconds" "$f_startCommand" ;;
    systemd) run_command "$f_startTimeoutSeconds" "systemctl${NL}start$NL$service" ;;
  esac
  if wait_state running "$f_startTimeoutSeconds" "$since"; then
    now_ms
    running_since=$now
    [ -z "$down_since" ] || downtime=$((downtime + now - down_since))
    down_since=
    return 0
  fi
  fault="the service did not run within $f_startTimeoutSeconds seconds of its start"
  return 1
}

# ---------------------------------------------------------------------------------------------- host

check_tools() {
  case $(type printf) in *builtin*) ;; *) problem "This shell has no built-in printf: a secret would stand on a command line." ;; esac
  for tool in awk base64 cat cmp cp date df id ln ls mkdir mv rm sed sleep sync tail timeout touch tr wc; do
    command -v $tool >/dev/null || problem "$tool is not on this host."
  done
  command -v setsid >/dev/null || command -v systemd-run >/dev/null ||
    problem "Neither setsid nor systemd-run is on this host: the dead-man switch needs one."
}

# Free kilobytes and mount point of the file system that holds $1: $room, $mount.
file_system() {
  # shellcheck disable=SC2046
  set -- $(df -P "$1" 2>/dev/null | awk 'NR == 2 {
    for (i = NF; i > 3; i--) if ($i ~ /^([0-9]+%|-)$/) { printf "%s ", $(i - 1); for (j = i + 1; j <= NF; j++) printf "%s%s", $j, (j < NF ? "?" : ""); exit }
  }')
  room=${1:-} mount=${2:-}
}

check_file() {
  folder=${f_filePath%/*}
  : "${folder:=/}"
  if [ -h "$f_filePath" ]; then
    problem "filePath: $f_filePath is a symbolic link. Name the file itself."
    return
  elif [ -d "$f_filePath" ]; then
    problem "filePath: $f_filePath is a folder."
    return
  elif [ ! -f "$f_filePath" ]; then
    problem "filePath: $f_filePath is not there, or is not a regular file."
    return
  fi
  file_meta "$f_filePath"
  uid=$(id -u)
  case $file_mode in ??w*) ;; *) problem "filePath: $f_filePath is read-only." ;; esac
  [ "$names" -eq 1 ] || problem "filePath: $f_filePath has $names names (hard links); replacing it would part them."
  [ "$uid" = 0 ] || [ "$uid" = "$file_uid" ] ||
    problem "filePath: $f_filePath is owned by user $file_uid; user $uid cannot keep that."
  if ! (: >>"$f_filePath") 2>/dev/null || [ ! -r "$f_filePath" ]; then
    problem "filePath: $f_filePath cannot be opened for reading and writing."
    return
  fi
  [ -w "$folder" ] || problem "filePath: the folder $folder cannot be written to."
  file_system "$f_filePath"
  file_mount=$mount
  file_system "$folder"
  [ "$mount" = "$file_mount" ] || problem "filePath: $f_filePath is a mount of its own; it cannot be replaced."
  file_size "$f_filePath"
  [ "$size" -ge "$new_size" ] || size=$new_size
  need=$((size * 3 / 1024 + 64))
  case $room in '' | *[!0-9]*) ;; *)
    [ "$room" -ge $need ] || problem "filePath: no room beside $f_filePath: $room KiB free, $need needed."
    ;;
  esac
  if [ "$f_fileMode" = edit ] && ! edit_text; then problem "filePath: $fault."; fi
  text='' head='' current=''
}

check_state_folder() {
  [ -e "$dir" ] || [ -h "$dir" ] || return 0
  file_meta "$dir"
  case "$meta" in
    "drwx------ $(id -u) "* | "drwx------. $(id -u) "*) ;;
    *) problem "The state folder $dir must be a folder of user $(id -u) with mode 700." ;;
  esac
}

check_trace() {
  [ "$f_window" = trace ] || [ "$f_proofSyncLine" = true ] || [ -n "$f_failurePatterns" ] || return 0
  if [ ! -d "$f_traceDirectory" ] || [ ! -x "$f_traceDirectory" ]; then
    problem "traceDirectory: $f_traceDirectory is not a folder that can be read."
    return
  fi
  trace_files
  if [ -z "$newest" ]; then
    problem "tracePattern: no trace $f_tracePattern of the last 12 months is in $f_traceDirectory."
  elif [ ! -r "$newest" ]; then
    problem "tracePattern: $newest cannot be read."
  fi
}

check_host() {
  enter_phase host
  check_tools
  [ -z "$problems" ] || refuse_problems "The host lacks something" "Nothing was touched. Install it and run again."
  find_service
  dir=$f_filePath.keyturn
  check_file
  check_state_folder
  check_trace
  [ -z "$problems" ] || refuse_problems "The host is not ready" "Nothing was touched. Put this right and run again."
}

# A service that somebody else stopped is not ours to start.
check_running() {
  service_state
  [ -z "$was_interrupted" ] || [ "$mode" = apply ] || [ $state = running ] ||
    finish ready "An earlier update was interrupted ($was_interrupted); the dead-man switch or apply puts it right." ""
  [ $state = running ] ||
    finish refused "The service $service is not running ($state), and Keyturn did not stop it." "Start it, or find out who stopped it, and run again."
}

# ---------------------------------------------------------------------------------------------- file

# edit: finds the one value. $head: text before `before`; $current: the value there now; $rest_at: where the text after
# `after` begins, counted from 1. Else $fault. The file is cut by offsets: ${text#*long} takes minutes in these shells.
edit_text() {
  # The added byte keeps line ends that $( ) would drop.
  { text=$(cat "$f_filePath" && printf '\001'); } 2>/dev/null
  file_size "$f_filePath"
  if [ $((${#text} - 1)) -ne "$size" ]; then
    fault="the file holds NUL bytes; mode edit takes text of one byte per ASCII character"
    return 1
  fi
  case $text in *"$f_before"*) ;; *) fault="the file does not hold the text before the value" && return 1 ;; esac
  head=${text%%"$f_before"*}
  rest_at=$((${#head} + ${#f_before} + 1))
  text=$(tail -c "+$rest_at" "$f_filePath" && printf '\001')
  case $text in *"$f_before"*) fault="the file holds the text before the value more than once" && return 1 ;; esac
  case $text in *"$f_after"*) ;; *) fault="the file does not hold the text after the value" && return 1 ;; esac
  current=${text%%"$f_after"*}
  rest_at=$((rest_at + ${#current} + ${#f_after}))
  new_size=$((${#head} + ${#f_before} + ${#f_value} + ${#f_after} + size + 1 - rest_at))
  case $current in *"$NL"* | *"$CR"*) fault="the value in the file would run over a line break" && return 1 ;; esac
}

# backup and staged, with the file's owner, mode and ACL; staged holds the new bytes. Else $fault.
prepare_file() {
  rm -f "$dir/backup.next"
  fault="the file cannot be copied within $dir (no room?)"
  # In this order: without staged, the file is the new one or equal to backup.
  cp -a "$f_filePath" "$dir/backup.next" 2>/dev/null && flush "$dir/backup.next" &&
    mv -f "$dir/backup.next" "$dir/backup" && rm -f "$dir/staged" && cp -a "$f_filePath" "$dir/staged" 2>/dev/null || return 1
  if [ "$f_fileMode" = edit ]; then
    edit_text || return 1
    fault="the new file cannot be written in $dir (no room?)"
    { printf '%s' "$head$f_before$f_value$f_after" && tail -c "+$rest_at" "$f_filePath"; } 2>/dev/null >"$dir/staged" || return 1
    text='' head='' current=''
  else
    fault="the new file cannot be written in $dir (no room?)"
    printf '%s' "$b64_content" | base64 -d 2>/dev/null >"$dir/staged" || return 1
  fi
  file_size "$dir/staged"
  [ "$size" -eq "$new_size" ] || return 1
  same_meta "$dir/staged" && same_meta "$dir/backup" || return 1
  [ "$f_proofReencrypted" = false ] || TZ=UTC0 touch -t 200001010000.00 "$dir/staged" || return 1
  flush "$dir/staged"
}

# Owner, mode and ACL of $1 as those of the file; an ACL that cp did not take is copied where the tools are there.
same_meta() {
  file_meta "$f_filePath"
  target=$meta
  file_meta "$1"
  [ "$meta" != "$target" ] || return 0
  case $target in *+\ *) getfacl -cp "$f_filePath" 2>/dev/null | setfacl --set-file=- "$1" 2>/dev/null ;; esac
  file_meta "$1"
  [ "$meta" != "$target" ] || return 0
  fault="owner, mode or access list of the file cannot be kept (is $target, would be $meta)"
  return 1
}

# Whether the new file was put in place, in $swapped: staged goes with that rename only, while the service may be stopped.
look_for_swap() {
  swapped=no
  [ -e "$dir/staged" ] || [ ! -f "$dir/backup" ] || cmp -s "$dir/backup" "$f_filePath" || swapped=yes
}

# Puts backup back over the file, atomically; nothing to do when the file is not the new one, or equal to backup.
put_back() {
  [ $swapped = yes ] || return 0
  cmp -s "$dir/backup" "$f_filePath" && return 0
  rm -f "$dir/restore.next"
  cp -a "$dir/backup" "$dir/restore.next" 2>/dev/null && flush "$dir/restore.next" &&
    mv -f "$dir/restore.next" "$f_filePath" 2>/dev/null && flush "${f_filePath%/*}/" && return 0
  fault="the former file could not be put back"
  return 1
}

# Does the file hold the value, or is it what was given? NULs are left out, so that UTF-16 hides nothing.
file_holds_value() {
  { text=$(tr -d '\000' <"$f_filePath"); } 2>/dev/null
  case $text in *"$f_value"*) text='' && return 0 ;; esac
  text=
  return 1
}

file_is_content() { printf '%s' "$b64_content" | base64 -d 2>/dev/null | cmp -s - "$f_filePath"; }

# Written by the service since the swap: its time is not the one that staged was given.
file_rewritten() {
  touch_mark=$dir/mark.$$
  TZ=UTC0 touch -t 200001010001.00 "$touch_mark"
  rewritten=1
  # shellcheck disable=SC3013
  [ "$f_filePath" -nt "$touch_mark" ] && rewritten=0
  rm -f "$touch_mark"
  return $rewritten
}

reencrypted() {
  file_rewritten || return 1
  [ "$mode" != deadman ] || return 0
  ! file_holds_value || return 1
  [ "$f_fileMode" = edit ] || ! file_is_content
}

# ---------------------------------------------------------------------------------------------- trace and window

# $newest and $older (may be empty): trace files by the clock's year and month, 12 months back.
trace_files() {
  newest='' older=''
  # shellcheck disable=SC2046
  set -- $(date '+%Y %m')
  year=$1 month=${2#0} back=0
  while [ $back -lt 12 ] && [ -z "$older" ]; do
    name=$f_tracePattern
    case $name in *YYYY*)
      tail=${name#*YYYY}
      two=$month
      [ ${#two} -eq 2 ] || two=0$two
      case $tail in
        *MM*) tail=${tail%%MM*}$two${tail#*MM} ;;
        *M*) tail=${tail%%M*}$month${tail#*M} ;;
      esac
      name=${name%%YYYY*}$year$tail
      ;;
    esac
    name=$f_traceDirectory/$name
    if [ -f "$name" ] && [ "$name" != "$newest" ]; then
      if [ -z "$newest" ]; then newest=$name; else older=$name; fi
    fi
    month=$((month - 1)) back=$((back + 1))
    [ $month -gt 0 ] || { month=12 && year=$((year - 1)); }
  done
}

# From standard input: the last complete time of each instance, one a line; "none" for an instance without.
last_sync_times() {
  KEYTURN_PREFIX=$f_tracePrefix KEYTURN_SUFFIX=$f_traceSuffix KEYTURN_INSTANCES=$f_traceInstances awk '
    function names(line, name,    at, from) {
      for (from = 1; (at = index(substr(line, from), name)) > 0; from += at) {
        at += from - 1
        if ((at == 1 || substr(line, at - 1, 1) !~ /[A-Za-z0-9_-]/) &&
            substr(line, at + length(name), 1) !~ /[A-Za-z0-9_-]/) return 1
        at -= from - 1
      }
      return 0
    }
    BEGIN {
      prefix = ENVIRON["KEYTURN_PREFIX"]; suffix = ENVIRON["KEYTURN_SUFFIX"]
      list = ENVIRON["KEYTURN_INSTANCES"]; sub(/\n$/, "", list)
      count = list == "" ? 0 : split(list, instance, "\n")
    }
    {
      at = index($0, prefix)
      if (at == 0) next
      time = substr($0, at + length(prefix), 19)
      if (time !~ /^[0-9][0-9][0-9][0-9]-[0-9][0-9]-[0-9][0-9] [0-9][0-9]:[0-9][0-9]:[0-9][0-9]$/) next
      if (suffix != "" && substr($0, at + length(prefix) + 19, length(suffix)) != suffix) next
      if (count == 0) last[0] = time
      for (i = 1; i <= count; i++) if (names($0, instance[i])) last[i] = time
    }
    END {
      if (count == 0) print (0 in last) ? last[0] : "none"
      for (i = 1; i <= count; i++) print (i in last) ? last[i] : "none"
    }'
}

# Earliest of the instances' last times: $next_sync (seconds since 1970), empty when one is missing.
next_sync_of() {
  next_sync='' missing=no
  IFS=$NL
  for time in $1; do
    IFS=$WORDS
    if [ "$time" = none ] || ! to_epoch "$time"; then
      missing=yes
    elif [ -z "$next_sync" ] || [ "$epoch" -lt "$next_sync" ]; then
      next_sync=$epoch
    fi
    IFS=$NL
  done
  IFS=$WORDS
  [ $missing = no ] || next_sync=
}

# Offset from UTC at an instant, in $offset seconds.
offset_at() {
  zone=$(date -d "@$1" +%z)
  hours=${zone#?}
  minutes=${hours#??}
  hours=${hours%??}
  offset=$(((1$hours - 100) * 3600 + (1$minutes - 100) * 60))
  case $zone in -*) offset=$((-offset)) ;; esac
}

# 'YYYY-MM-DD HH:MM:SS' in local time to $epoch; a time that occurs twice, or never, is its earlier reading.
to_epoch() {
  y=$((1${1%%-*} - 10000))
  # shellcheck disable=SC2046
  set -- $(printf '%s' "${1#*-}" | tr ':-' '  ')
  mo=$((1$1 - 100)) d=$((1$2 - 100)) h=$((1$3 - 100)) mi=$((1$4 - 100)) s=$((1$5 - 100))
  [ $mo -ge 1 ] && [ $mo -le 12 ] && [ $d -ge 1 ] && [ $d -le 31 ] && [ $h -le 23 ] && [ $mi -le 59 ] && [ $s -le 60 ] ||
    return 1
  # Days since 1970-01-01, the year beginning in March.
  if [ $mo -gt 2 ]; then mo=$((mo - 3)); else mo=$((mo + 9)) y=$((y - 1)); fi
  days=$((y * 365 + y / 4 - y / 100 + y / 400 + (153 * mo + 2) / 5 + d - 1 - 719468))
  wall=$((days * 86400 + h * 3600 + mi * 60 + s))
  offset_at $((wall - 86400))
  first=$((wall - offset))
  offset_at $((wall + 86400))
  second=$((wall - offset))
  [ $first -le $second ] || { epoch=$first first=$second && second=$epoch; }
  epoch=$first
  [ $first -ne $second ] || return 0
  # Near a clock change: the earlier reading that is true, else (a time that does not occur) the earlier one.
  offset_at $first
  [ $((first + offset)) -ne $wall ] || return 0
  offset_at $second
  [ $((second + offset)) -ne $wall ] || epoch=$second
}

# $safe: yes or no, at this instant; $next_sync when the trace tells.
look_at_window() {
  safe=no
  case $f_window in
    none) safe=yes ;;
    daily)
      # shellcheck disable=SC2046
      set -- $(date '+%H %M %S') $(printf '%s' "$f_windowDaily" | tr ':-' '  ')
      at=$(((1$1 - 100) * 3600 + (1$2 - 100) * 60 + 1$3 - 100))
      from=$(((1$4 - 100) * 3600 + (1$5 - 100) * 60)) until=$(((1$6 - 100) * 3600 + (1$7 - 100) * 60))
      if [ $from -lt $until ]; then
        [ $at -ge $from ] || return 0
      else
        [ $at -lt $from ] && [ $at -ge $until ] && return 0
        [ $at -lt $from ] || until=$((until + 86400))
      fi
      [ $((until - at)) -lt "$f_marginSeconds" ] || [ $until -le $at ] || safe=yes
      ;;
    trace)
      look_for_restart
      trace_files
      next_sync_of "$(trace_tails | last_sync_times)"
      [ -n "$next_sync" ] && [ -z "$restarted" ] || return 0
      [ $((next_sync - $(date +%s))) -lt "$f_marginSeconds" ] || safe=yes
      ;;
  esac
}

# $restarted: when the service began, if the trace's last lines may be of the process before; it syncs as it starts,
# whatever they announce. After patienceSeconds, longer than a line announces ahead, they are its own; and so are those
# that came behind the trace's end at the first look since that start.
look_for_restart() {
  restarted=
  service_began
  [ -n "$began" ] && [ $(($(date +%s) - began)) -lt "$f_patienceSeconds" ] || return 0
  if [ "$began_mark" != "$watched" ]; then
    watched=$began_mark
    trace_end
    watched_from=$ends
  fi
  next_sync_of "$(new_trace "$watched_from" | last_sync_times)"
  [ -n "$next_sync" ] || restarted=$began
}

# The older trace's end first, so that the newest line comes last.
trace_tails() {
  [ -z "$older" ] || { tail -c $TRACE_BYTES "$older" 2>/dev/null && echo; }
  [ -z "$newest" ] || tail -c $TRACE_BYTES "$newest" 2>/dev/null
}

# Where the trace ends now, in $trace_mark: what comes behind it is new. Descriptor 4 stays there, for follow_trace.
mark_trace() {
  trace_mark='' watching=no
  [ -n "$f_traceDirectory" ] && [ -n "$f_tracePattern" ] || return 0
  trace_files
  size=0
  if [ -n "$newest" ] && file_size "$newest" && { command exec 4<"$newest"; } 2>/dev/null; then
    watching=yes
    more=$(tail -c +$((size + 1)) <&4 | wc -c)
    size=$((size + more))
  fi
  trace_mark="$size $newest"
}

# Moves the mark behind what was written since; without a program, since the service is stopped meanwhile.
follow_trace() {
  [ $watching = yes ] || return 0
  size=${trace_mark%% *} line=
  while IFS= read -r line <&4; do size=$((size + ${#line} + 1)); done
  trace_mark="$((size + ${#line})) ${trace_mark#* }"
}

# Where the trace ends now, in $ends.
trace_end() {
  trace_files
  size=0
  [ -z "$newest" ] || file_size "$newest" || size=0
  ends="$size $newest"
}

# What was written to the trace behind $1, an end of it.
new_trace() {
  [ -n "$1" ] || return 0
  trace_files
  marked_file=${1#* } marked_size=${1%% *}
  if [ -n "$marked_file" ] && file_size "$marked_file"; then
    [ "$size" -ge "$marked_size" ] || marked_size=0
    tail -c +$((marked_size + 1)) "$marked_file" 2>/dev/null
    echo
  fi
  [ -z "$newest" ] || [ "$newest" = "$marked_file" ] || cat "$newest" 2>/dev/null
}

# From standard input: the first failure pattern that occurs.
first_failure() {
  KEYTURN_PATTERNS=$f_failurePatterns awk '
    BEGIN { list = ENVIRON["KEYTURN_PATTERNS"]; sub(/\n$/, "", list); count = split(list, pattern, "\n") }
    found == "" { for (i = 1; i <= count; i++) if (index($0, pattern[i]) > 0) { found = pattern[i]; break } }
    END { print found }'
}

wait_window() {
  enter_phase window
  now_ms
  : "${patience_until:=$((now + f_patienceSeconds * 1000))}"
  while :; do
    look_at_window
    [ $safe = no ] || return 0
    check_interrupted
    now_ms
    if [ "$now" -ge "$patience_until" ]; then
      close_journal
      finish notNow "$(window_words) Waited $f_patienceSeconds seconds." "The next run tries again."
    fi
    pause 1
  done
}

# Why it is not safe now, in one sentence.
window_words() {
  case $f_window in
    daily) printf '%s' "Not now: outside the daily window $f_windowDaily less $f_marginSeconds seconds." ;;
    *)
      if [ -n "$restarted" ]; then
        printf '%s' "Not now: the service was started at $(date -u -d "@$restarted" +%Y-%m-%dT%H:%M:%SZ), and its trace has announced no next sync since, as far as is known."
      elif [ -z "$next_sync" ]; then
        printf '%s' "Not now: the trace announces no next sync, so no moment is known to be safe."
      else
        printf '%s' "Not now: the next sync, $(date -u -d "@$next_sync" +%Y-%m-%dT%H:%M:%SZ), is not $f_marginSeconds seconds away."
      fi
      ;;
  esac
}

# ---------------------------------------------------------------------------------------------- journal

# Reads the journal: $journal_phase and its key, history, last adoption, restored count for this key and retry.
read_journal() {
  journal_phase=closed journal_key='' journal_revision='' journal_retry=0 trace_mark='' history=''
  adopted_key='' adopted_revision='' adopted_mode='' adopted_writer='' restored_count=0 journal_fault=
  [ -e "$dir/journal" ] || return 0
  first=yes
  while IFS= read -r line || [ -n "$line" ]; do
    if [ $first = yes ]; then
      first=no
      [ "$line" = "$JOURNAL" ] || journal_fault=yes
      continue
    fi
    # shellcheck disable=SC2086
    set -- $line
    case ${1:-}/$# in
      phase/6)
        journal_phase=$2 journal_key=$3 journal_revision=$4 journal_retry=$5
        case $2 in closed | waiting | stopping | proving | restoring) ;; *) journal_fault=yes ;; esac
        ;;
      trace/*) trace_mark=${line#trace } ;;
      adopted/7 | adopted/5) adopted_key=$2 adopted_revision=$3 adopted_mode=${6:-} adopted_writer=${7:-} history=$history$line$NL ;;
      restored/4)
        history=$history$line$NL
        [ "$2/$3" != "$f_keyId/$f_retry" ] || restored_count=$((restored_count + 1))
        ;;
      *) journal_fault=yes ;;
    esac
  done 2>/dev/null <"$dir/journal" || journal_fault=yes
  [ -z "$journal_fault" ] && [ $first = no ]
}

# Writes the journal with phase $1 for the key that is at work.
write_phase() {
  utc_time
  printf '%s\n%sphase %s %s %s %s %s\n%s' "$JOURNAL" "$history" "$1" "$f_keyId" "$f_revision" "$f_retry" "$stamp" \
    "${trace_mark:+trace $trace_mark$NL}" 2>/dev/null >"$dir/journal.next" &&
    flush "$dir/journal.next" && mv -f "$dir/journal.next" "$dir/journal" && journal_phase=$1
}

record_adopted() {
  utc_time
  history="$(printf '%s' "$history" | tail -n $((HISTORY_LINES - 1)))${history:+$NL}adopted $f_keyId $f_revision $f_epoch $stamp $f_fileMode $f_writer$NL"
  adopted_key=$f_keyId adopted_revision=$f_revision adopted_mode=$f_fileMode adopted_writer=$f_writer
}

record_restored() {
  utc_time
  history="$(printf '%s' "$history" | tail -n $((HISTORY_LINES - 1)))${history:+$NL}restored $f_keyId $f_retry $stamp$NL"
  restored_count=$((restored_count + 1))
}

close_journal() {
  trace_mark=
  write_phase closed && rm -f "$dir/staged" "$dir/restore.next" "$dir/backup.next"
}

# The key is adopted; the copy of the former file goes only now, since until then it may have to be put back.
close_adopted() {
  record_adopted
  close_journal || return 1
  [ "$f_proofReencrypted" = true ] || rm -f "$dir/backup"
}

# ---------------------------------------------------------------------------------------------- lock

# Mark of process $1: pid, start time, boot; $mark. Fails when there is no such process, or it is a zombie.
mark_of() {
  mark=$1-0-0
  [ -r /proc/self/stat ] || { kill -0 "$1" 2>/dev/null && return 0 || return 1; }
  { read -r stat <"/proc/$1/stat"; } 2>/dev/null || return 1
  mark=$1
  # shellcheck disable=SC2086
  set -- ${stat##*) }
  case ${1:-Z} in Z | X) return 1 ;; esac
  boot=0
  [ ! -r /proc/sys/kernel/random/boot_id ] || read -r boot </proc/sys/kernel/random/boot_id
  mark=$mark-${20:-0}-${boot%%-*}
}

is_alive() { mark_of "${1%%-*}" && [ "$mark" = "$1" ]; }

# $base: mark in the lock; $holder: mark of the last who took over from a dead owner.
lock_holder() {
  { read -r base <"$dir/lock"; } 2>/dev/null || return 1
  holder=$base
  while { read -r next <"$dir/lock.$holder"; } 2>/dev/null; do holder=$next; done
}

# Takes the lock, or takes it over from a dead owner: a link named after the dead is made by exactly one. 1: held; 2: cannot.
take_lock() {
  mark_of $$
  holding=$mark tries=0
  while [ $tries -lt 50 ]; do
    tries=$((tries + 1))
    printf '%s\n' "$holding" 2>/dev/null >"$dir/owner.$$" || return 2
    if ln "$dir/owner.$$" "$dir/lock" 2>/dev/null; then
      locked=yes
      return 0
    fi
    lock_holder || continue
    is_alive "$holder" && rm -f "$dir/owner.$$" && return 1
    heir=$holder start=$base
    if ln "$dir/owner.$$" "$dir/lock.$heir" 2>/dev/null; then
      if lock_holder && [ "$base" = "$start" ]; then
        locked=yes
        return 0
      fi
      rm -f "$dir/lock.$heir"
    fi
  done
  rm -f "$dir/owner.$$"
  return 2
}

release_lock() {
  [ $locked = yes ] || return 0
  locked=no
  lock_holder || return 0
  chain=$base
  set +f
  for stale in "$dir"/owner.*; do
    [ -f "$stale" ] && read -r holder <"$stale" && ! is_alive "$holder" && rm -f "$stale"
  done
  set -f
  rm -f "$dir/owner.$$" "$dir/lock"
  while { read -r next <"$dir/lock.$chain"; } 2>/dev/null; do
    rm -f "$dir/lock.$chain"
    chain=$next
  done
}

# The state folder and the lock; a dead-man at work is waited for, another run is not.
open_journal() {
  enter_phase journal
  if [ "$mode" = check ]; then
    read_journal || refuse_journal
    [ "$journal_phase" = closed ] || was_interrupted=$journal_phase
    ! lock_holder || ! is_alive "$holder" ||
      finish refused "Another update of this file is at work (process ${holder%%-*})." "Run again when it has ended."
    return
  fi
  [ -d "$dir" ] || check_running
  [ -d "$dir" ] || mkdir -m 700 "$dir" 2>/dev/null ||
    finish refused "The state folder $dir cannot be made." "Give this user the right to, and run again."
  now_ms
  until=$((now + (f_stopTimeoutSeconds + f_startTimeoutSeconds + f_settleSeconds + f_proofTimeoutSeconds + 10) * 1000))
  while :; do
    take_lock
    case $? in 0) break ;; 2) finish refused "The lock in $dir cannot be made (no hard links, or no room)." "Put this right and run again." ;; esac
    { read -r line <"$dir/deadman"; } 2>/dev/null || line=
    now_ms
    if [ "$line" != "$holder" ] || [ "$now" -ge $until ]; then
      finish refused "Another update of this file is at work (process ${holder%%-*})." "Run again when it has ended."
    fi
    pause 0.5
  done
  read_journal || refuse_journal
}

refuse_journal() {
  journal_phase=unreadable
  finish refused "The journal $dir/journal cannot be read." "See what it says; move it away if the service runs as it should, then run again."
}

# ---------------------------------------------------------------------------------------------- recovery

# Puts an interrupted run right, from its order; this run's own settings are back afterwards. Not in a subshell: that
# would live on, without the lock, when this process is killed.
recover_first() {
  [ "$journal_phase" != closed ] || return 0
  enter_phase recover
  was_interrupted=$journal_phase found_service=$service
  if [ "$journal_phase" != waiting ]; then
    [ -f "$dir/order" ] || write_order
    launch_deadman
  fi
  same=no
  [ "$journal_key/$journal_revision" != "$f_keyId/$f_revision" ] || same=yes
  for field in $PLAIN_FIELDS; do eval "own_$field=\$b64_$field"; done
  if [ -f "$dir/order" ]; then
    read_order
    [ -z "$problems" ] || needs_hands "an earlier update was interrupted ($was_interrupted) and its order $dir/order cannot be read"
    service=$f_service
    [ "$f_serviceManager" = command ] || find_service
  fi
  recover $same || needs_hands "an earlier update was interrupted ($was_interrupted) and could not be put right: $fault"
  for field in $PLAIN_FIELDS; do eval "b64_$field=\$own_$field"; done
  problems=''
  check_fields no
  service=$found_service swapped=no down_since=''
  read_journal || refuse_journal
}

# One interrupted transaction to its end: section 6 of the contract. $1 = yes: the new file may be proven.
recover() {
  f_keyId=$journal_key f_revision=$journal_revision f_retry=$journal_retry
  now_ms
  down_since=$now running_since=$now
  look_for_swap
  case $journal_phase in
    closed) rm -f "$dir/staged" && return 0 ;;
    waiting) close_journal && return 0 || return 1 ;;
    stopping) [ ! -e "$dir/staged" ] || wait_state stopped "$f_stopTimeoutSeconds" "$now" || : ;;
    proving) swapped=yes ;;
  esac
  if [ "$1/$swapped" = yes/yes ] && [ "$journal_phase" != restoring ]; then
    service_state
    if [ $state = running ] && prove; then
      close_adopted
      return
    fi
  fi
  restore
}

# ---------------------------------------------------------------------------------------------- dead-man switch

arm() {
  enter_phase arm
  write_order
  launch_deadman
}

# What the dead-man and the next run need to put this run right; no secret.
write_order() {
  # shellcheck disable=SC2015
  {
    echo "$CONTRACT"
    for field in $PLAIN_FIELDS; do eval "printf '%s=%s\n' $field \"\$b64_$field\""; done
    echo end
  } 2>/dev/null >"$dir/order.next" && flush "$dir/order.next" && mv -f "$dir/order.next" "$dir/order" ||
    finish refused "The dead-man switch's order cannot be written in $dir." "Nothing was touched. Put this right and run again."
}

launch_deadman() {
  [ $armed = no ] || return 0
  rm -f "$dir/deadman"
  launched=no
  if command -v systemd-run >/dev/null && { [ -d /run/systemd/system ] || [ "$f_serviceManager" = systemd ]; }; then
    timeout $ARM_SECONDS systemd-run --quiet --collect --unit="keyturn-deadman-$holding" -- /bin/sh "$self" deadman "$dir" "$holding" \
      </dev/null >/dev/null 2>&1 && launched=yes
  fi
  if [ $launched = no ] && command -v setsid >/dev/null; then
    setsid sh "$self" deadman "$dir" "$holding" </dev/null >/dev/null 2>&1 3>&- 4>&- 5>&- 6>&- 7>&- 8>&- 9>&- &
  fi
  now_ms
  until=$((now + ARM_SECONDS * 1000))
  while ! { read -r line <"$dir/deadman"; } 2>/dev/null || ! is_alive "$line"; do
    now_ms
    if [ "$now" -ge $until ]; then
      [ -n "$was_interrupted" ] || close_journal
      finish refused "The dead-man switch could not be armed within $ARM_SECONDS seconds." "Nothing was touched. See whether this user may start a background process here."
    fi
    pause 0.05
  done
  armed=yes
}

# The switch itself: watches the owner $2 of state folder $1; acts when the owner is dead, never while it lives.
deadman() {
  dir=$1 owner=$2
  trap : HUP INT PIPE
  read_order
  [ -z "$problems" ] || exit 70
  mark_of $$
  me=$mark
  now_ms
  armed_at=$now stopped_at=
  while :; do
    if ! lock_holder || [ "$holder" != "$owner" ]; then deadman_leaves; fi
    # Only now: the next run must not take a switch that is about to go for its own.
    [ -f "$dir/deadman" ] || { printf '%s\n' "$me" >"$dir/deadman.next" && mv -f "$dir/deadman.next" "$dir/deadman"; }
    if ! is_alive "$owner"; then
      take_lock
      case $? in 0) break ;; 1) deadman_leaves ;; esac
    elif [ -z "$stopped_at" ] && read_journal && [ "$journal_phase" != closed ] && [ "$journal_phase" != waiting ]; then
      now_ms
      stopped_at=$now
    fi
    now_ms
    if [ "$now" -ge $((armed_at + (f_deadlineSeconds + f_deadManSeconds) * 1000)) ] ||
      { [ -n "$stopped_at" ] && [ "$now" -ge $((stopped_at + f_deadManSeconds * 1000)) ]; }; then
      is_alive "$owner" && kill -KILL "${owner%%-*}" 2>/dev/null
    fi
    sleep 1
  done
  # The order may have been written anew since; with no readable journal, the safe end of it is the former file.
  read_order
  service=$f_service
  [ "$f_serviceManager" = command ] || find_service
  read_journal || journal_phase=restoring
  : "${journal_key:=$f_keyId}" "${journal_revision:=$f_revision}"
  if recover yes; then rm -f "$dir/order"; fi
  rm -f "$dir/deadman"
  release_lock
  exit 0
}

read_order() {
  problems=
  read_fields "$PLAIN_FIELDS" 2>/dev/null <"$dir/order"
  [ -n "$problems" ] || check_fields no
}

deadman_leaves() {
  { read -r line <"$dir/deadman"; } 2>/dev/null && [ "$line" = "$me" ] && rm -f "$dir/deadman"
  exit 0
}

# ---------------------------------------------------------------------------------------------- transaction

# Two that write one file, one of them whole from a copy of its own, undo each other: the last must be this one, or one
# that writes no more.
check_writer() {
  case $NL$f_writer$NL$f_formerWriters$NL in *"$NL${adopted_writer:-$f_writer}$NL"*) return 0 ;; esac
  [ "$adopted_mode/$f_fileMode" != edit/edit ] || return 0
  finish refused "$f_filePath was last written by $adopted_writer (file mode $adopted_mode), and this is $f_writer (file mode $f_fileMode): two that write one file undo each other." "Give both one credential, or both file mode edit. If $adopted_writer writes the file no more, name it in formerWriters."
}

# Same key and revision adopted, and the file looks so: nothing to do. Otherwise the brake.
check_adopted() {
  if [ "$adopted_key/$adopted_revision" = "$f_keyId/$f_revision" ]; then
    if [ "$f_proofReencrypted" = true ]; then
      ! file_holds_value || finish refused "The key id $f_keyId is adopted, but $f_filePath holds the value in plain text: the service has not re-encrypted it." "Restart the service in its safe window and see that it re-encrypts the file."
      adopted=yes
    elif [ "$f_fileMode" = edit ]; then
      adopted=no
      edit_text && [ "$current" = "$f_value" ] && adopted=yes
      text='' head='' current=''
    else
      adopted=no
      file_is_content && adopted=yes
    fi
    if [ $adopted = yes ]; then
      [ "$f_window" != trace ] || look_at_window
      finish alreadyAdopted "The service $service runs on key id $f_keyId already; nothing was done." ""
    fi
  fi
  [ "$restored_count" -lt 2 ] ||
    finish refused "Key id $f_keyId was restored from twice and is not tried again by itself." "See $dir/report and the service's log; when the cause is gone, raise the retry counter in the config."
}

check_interrupted() {
  now_ms
  [ "$now" -lt "$deadline_at" ] || interrupted="its deadline of $f_deadlineSeconds seconds"
  [ -n "$interrupted" ] || return 0
  close_journal
  finish refused "Ended by $interrupted before the service was stopped." "Nothing was changed. Run again."
}

prepare() {
  enter_phase prepare
  if ! prepare_file; then
    close_journal
    finish refused "Not prepared: $fault." "The service was not stopped. Put this right and run again."
  fi
  check_interrupted
}

# The journal says "stopping" until the service runs again.
swap_file() {
  enter_phase swap
  follow_trace
  if ! cmp -s "$dir/backup" "$f_filePath"; then prepare_file || return 1; fi
  fault="the new file could not be put in place"
  mv -f "$dir/staged" "$f_filePath" 2>/dev/null && swapped=yes
}

# All configured signs together; $fault says which is missing.
prove() {
  now_ms
  until=$((now + f_proofTimeoutSeconds * 1000))
  while :; do
    service_state
    now_ms
    fault=
    [ $state != stopped ] || fault="the service stopped running"
    if [ -z "$fault" ] && [ -n "$f_failurePatterns" ]; then
      found=$(new_trace "$trace_mark" | first_failure)
      [ -z "$found" ] || fault="the trace says \"$found\""
    fi
    [ -z "$fault" ] || return 1
    [ $state = running ] || { fault="the service's state is $state" && running_since=$now; }
    [ $((now - running_since)) -ge $((f_settleSeconds * 1000)) ] || fault="it has not run for $f_settleSeconds seconds"
    if [ -z "$fault" ] && [ "$f_proofReencrypted" = true ] && ! reencrypted; then fault="the file is not re-encrypted"; fi
    if [ -z "$fault" ] && [ "$f_proofSyncLine" = true ]; then
      next_sync_of "$(new_trace "$trace_mark" | last_sync_times)"
      [ -n "$next_sync" ] || fault="no new line with the next sync"
    fi
    [ -n "$fault" ] || return 0
    if [ -n "$interrupted" ]; then fault="ended by $interrupted" && return 1; fi
    if [ "$now" -ge $until ]; then fault="$fault within $f_proofTimeoutSeconds seconds" && return 1; fi
    pause 0.25
  done
}

# Running, and still running after the settle time.
settled() {
  now_ms
  until=$((now + f_settleSeconds * 1000))
  while :; do
    service_state
    now_ms
    if [ $state != running ]; then fault="the service does not keep running ($state)" && return 1; fi
    [ "$now" -lt $until ] || return 0
    pause 0.25
  done
}

# A running service is stopped between two syncs here too: until its trace has announced the next one since the swap.
wait_between_syncs() {
  [ "$f_window" = trace ] || return 0
  now_ms
  until=$((now + f_proofTimeoutSeconds * 1000))
  while [ $state = running ]; do
    next_sync_of "$(new_trace "$trace_mark" | last_sync_times)"
    if [ -n "$next_sync" ] && [ $((next_sync - $(date +%s))) -ge "$f_marginSeconds" ]; then return 0; fi
    now_ms
    [ "$now" -lt $until ] || return 0
    pause 0.25
    service_state
  done
}

# The former file back, the service running on it, proven; else $fault. A wish to end is not looked at here.
restore() {
  enter_phase restore
  write_phase restoring || :
  stubborn=
  service_state
  now_ms
  [ $state = running ] || : "${down_since:=$now}"
  if [ $swapped = yes ] && [ $state = running ]; then wait_between_syncs; fi
  if [ $swapped = yes ] && [ $state != stopped ]; then stop_service || stubborn=$fault; fi
  put_back || stubborn=$fault
  start_service || return 1
  settled || return 1
  if [ -n "$stubborn" ]; then fault=$stubborn && return 1; fi
  record_restored
  close_journal || return 1
}

restore_and_finish() {
  cause=$fault
  if restore; then
    again="The next run tries once more."
    [ "$restored_count" -lt 2 ] || again="It is not tried again until the retry counter in the config is raised."
    finish restored "The update failed: $cause. The former file is back and the service $service runs on it." "See the service's log. $again"
  fi
  needs_hands "the update failed ($cause), and putting the former state back failed too: $fault"
}

needs_hands() {
  case $f_serviceManager in
    systemd) stop_words="systemctl stop $service" start_words="systemctl start $service" ;;
    *)
      stop_words=$(printf '%s' "$f_stopCommand" | tr '\n' ' ')
      start_words=$(printf '%s' "$f_startCommand" | tr '\n' ' ')
      ;;
  esac
  finish needsHands "Needs hands: $1." "On the host: (1) $stop_words (2) cp -a '$dir/backup' '$f_filePath' (3) $start_words (4) see that it runs, then run again."
}

close() {
  enter_phase close
  close_adopted || needs_hands "the service runs on key id $f_keyId, but the journal $dir/journal cannot be written"
  finish updated "The service $service runs on key id $f_keyId, proven." ""
}

apply() {
  read_input
  trap 'interrupted=SIGTERM' TERM INT
  # Ignored, not trapped: the tools that run at that moment must outlive a lost connection too.
  trap '' HUP
  trap : PIPE
  check_host
  open_journal
  if [ "$mode" = check ]; then
    check_running
    check_writer
    check_adopted
    enter_phase window
    look_at_window
    [ $safe = yes ] || finish notNow "$(window_words)" "The next run tries again."
    finish ready "Apply would go on now." ""
  fi
  recover_first
  check_running
  check_writer
  check_adopted
  write_phase waiting || finish refused "The journal in $dir cannot be written." "Nothing was touched. Put this right and run again."
  while :; do
    wait_window
    arm
    prepare
    mark_trace
    look_at_window
    [ $safe = no ] || break
    rm -f "$dir/staged"
  done
  enter_phase stop
  write_phase stopping || finish refused "The journal in $dir cannot be written." "The service was not stopped. Put this right and run again."
  stop_service || restore_and_finish
  swap_file || restore_and_finish
  enter_phase start
  start_service || restore_and_finish
  enter_phase prove
  # Only now: a power cut before this leaves the former file or the new one, and the journal takes either.
  fault="the journal could not be written"
  { flush "${f_filePath%/*}/" && write_phase proving; } || restore_and_finish
  prove || restore_and_finish
  close
}

# ---------------------------------------------------------------------------------------------- report

refuse_problems() {
  finish refused "$1: $(printf '%s' "$problems" | tr '\n' ' ' | sed 's/ $//')" "$2"
}

# A JSON string in $json.
json_string() {
  json=$1
  case $json in *[\\\"[:cntrl:]]*)
    json=$(printf '%s' "$json" | tr '\001-\037\177' ' ' | sed 's/[\\"]/\\&/g')
    ;;
  esac
  json="\"$json\""
}

add() { json_string "$2" && report="$report,\"$1\":$json"; }

# Outcome, reason, remedy: tidies up, reports, ends.
finish() {
  outcome=$1 reason=$2 remedy=$3
  trap : TERM INT
  now_ms
  leave_phase
  [ "$state" != missing ] || state=unknown
  utc_time
  report="{\"keyturn\":\"report/1\""
  add mode "$mode"
  add outcome "$outcome"
  add reason "$reason"
  add remedy "$remedy"
  list=
  IFS=$NL
  for part in $problems; do json_string "$part" && list="$list,$json"; done
  IFS=$WORDS
  report="$report,\"problems\":[${list#,}]"
  add consumer "$f_consumer"
  add epoch "$f_epoch"
  add keyId "$f_keyId"
  add revision "$f_revision"
  add attempt "$f_attempt"
  report="$report,\"retry\":$f_retry"
  add service "${service:-$f_service}"
  add serviceState "$state"
  add file "$f_filePath"
  if [ -n "$adopted_key" ]; then add adoptedKeyId "$adopted_key"; else report="$report,\"adoptedKeyId\":null"; fi
  report="$report,\"restoredCount\":$restored_count"
  if [ -n "$was_interrupted" ]; then add interrupted "$was_interrupted"; else report="$report,\"interrupted\":null"; fi
  if [ -n "$next_sync" ]; then
    add nextSync "$(date -u -d "@$next_sync" +%Y-%m-%dT%H:%M:%SZ)"
  else
    report="$report,\"nextSync\":null"
  fi
  add startedAt "$started_at"
  add finishedAt "$stamp"
  report="$report,\"milliseconds\":$((now - started_ms)),\"downtimeMilliseconds\":$downtime,\"restarts\":$restarts"
  list=
  for name in $phase_names; do
    eval "list=\"\$list,{\\\"name\\\":\\\"$name\\\",\\\"milliseconds\\\":\$spent_$name}\""
  done
  report="$report,\"phases\":[${list#,}]}"
  if [ $locked = yes ]; then
    # Until the journal has closed, the next run acts by the order, and by staged: that the file was not replaced.
    case $journal_phase in closed | waiting) rm -f "$dir/staged" "$dir/order" ;; esac
    # A living switch removes its own mark: until it has gone, the next run must know whom it waits for.
    { { read -r line <"$dir/deadman"; } 2>/dev/null && is_alive "$line"; } || rm -f "$dir/deadman"
    printf '%s\n' "$report" 2>/dev/null >"$dir/report.next" && mv -f "$dir/report.next" "$dir/report"
    release_lock
  fi
  printf '%s\n' "$report" 2>/dev/null
  case $outcome in
    updated | ready) code=0 ;;
    alreadyAdopted) code=10 ;;
    notNow) code=11 ;;
    refused) code=20 ;;
    restored) code=21 ;;
    *) code=22 ;;
  esac
  case $NL$f_exitZeroFor$NL in *"$NL$outcome$NL"*) code=0 ;; esac
  [ $code -lt 20 ] || printf 'keyturn: %s %s\n' "$reason" "$remedy" >&2
  exit $code
}

# ---------------------------------------------------------------------------------------------- main

case $0 in /*) self=$0 ;; *) self=$PWD/$0 ;; esac
mode=${1:-}
now_ms
started_ms=$now
utc_time
started_at=$stamp
case $mode/$# in
  apply/1 | check/1) apply ;;
  deadman/3) deadman "$2" "$3" ;;
  *)
    echo "keyturn: the one argument is apply or check." >&2
    exit 64
    ;;
esac
