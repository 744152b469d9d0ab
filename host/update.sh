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
# What the session had, for what is started in it.
SESSION_UMASK=$(umask) SESSION_LOCALE=${LC_ALL-} SESSION_LOCALE_SET=${LC_ALL+yes}
umask 077
LC_ALL=C
PATH=${PATH:-/usr/bin:/bin}:/usr/sbin:/usr/bin:/sbin:/bin
export LC_ALL PATH

CONTRACT=keyturn-update/1
JOURNAL=keyturn-journal/1
SECRET_FIELDS='content before after value'
PLAIN_FIELDS='consumer epoch keyId revision attempt retry exitZeroFor writer formerWriters serviceManager service startCommand
stopCommand statusCommand filePath fileMode window traceDirectory tracePattern tracePrefix traceSuffix traceInstances failurePatterns
successPatterns windowDaily marginSeconds patienceSeconds stopTimeoutSeconds startTimeoutSeconds proofReencrypted proofSyncLine
settleSeconds proofTimeoutSeconds deadlineSeconds deadManSeconds'
# One that is not there is empty.
OPTIONAL_FIELDS=successPatterns
INPUT_SECONDS=60
INPUT_BYTES=8388608
ARM_SECONDS=30
STATUS_SECONDS=15
START_AGAIN_SECONDS=1
START_AGAIN_MOST_SECONDS=8
DEADMAN_AGAIN_SECONDS=5
TRACE_BYTES=1048576
AHEAD_SECONDS=2678400
NEAR_SECONDS=3600
HISTORY_LINES=40
MOST_PROBLEMS=50
LIST_BYTES=65536
NL='
'
CR=$(printf '\r')
# Ends $input.
LAST=$(printf '\002')
ENDED=$(printf '\001')
WORDS=$IFS
SHOW="systemctl${NL}show${NL}--no-pager${NL}-p"

mode=
problems='' problem_count=0
interrupted=
# Known before the input is.
f_consumer='' f_epoch='' f_keyId='' f_revision='' f_attempt='' f_retry=0 f_service='' f_filePath='' f_exitZeroFor=''
service='' state=unknown dir='' state_folder='' swapped_ms='' former_mark='' began='' other_start='' stopping=no act_until='' hands_off=no runs_on_new=no locked=no holding='' armed=no swapped=no watched='' restarted=''
adopted_key='' adopted_revision='' adopted_mode='' adopted_writer='' restored_count=0 history='' trace_mark=''
journal_phase=closed was_interrupted=''
next_sync='' last_sync='' too_far='' phase_name='' phase_names='' downtime=0 down_since='' restarts=0 fault='' deadline_at=''

# ---------------------------------------------------------------------------------------------- small things

# One more sentence; of many the last says that there are more.
problem() {
  problem_count=$((problem_count + 1))
  if [ $problem_count -lt $MOST_PROBLEMS ]; then problems=$problems$1$NL; fi
  [ $problem_count -ne $MOST_PROBLEMS ] || problems="${problems}There are more problems.$NL"
}

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

# A rename that replaces whatever has that name, never one that moves into a folder or through a link to one.
move_over() { mv -fT "$1" "$2" 2>/dev/null; }

# The same over the service's own file; what stood in the way, in the system's words, in $obstacle.
move_over_file() {
  obstacle=
  refused=$(mv -fT "$1" "$f_filePath" 2>&1) && return 0
  case ${refused##*: } in
    "Permission denied" | "Operation not permitted" | "Read-only file system") obstacle=" (${refused##*: })" ;;
  esac
  return 1
}

# Mode, owner and group of a file as ls shows them, in $meta; number of names in $names.
file_meta() {
  # The first four words only; the name is behind them.
  # shellcheck disable=SC2012,SC2046
  set -- $(ls -ldn "$1" 2>/dev/null)
  meta="${1:-} ${3:-} ${4:-}" names=${2:-0} file_mode=${1:-} file_uid=${3:-}
}

# A regular file under its own name: no link, folder, pipe or device.
is_file() { [ -f "$1" ] && [ ! -h "$1" ]; }

# Bytes of a file, in $size, without reading it.
file_size() {
  # The first words only; the name is behind them.
  # shellcheck disable=SC2012,SC2046
  set -- $(ls -ldnL "$1" 2>/dev/null)
  size=${5:-}
  case $size in '' | *[!0-9]*) return 1 ;; esac
}

# Becomes a program as the session would have started it: its umask, its locale, its signals. In a session of its own, since a
# hang-up reaches all of ours, and GNU timeout does not keep it ignored. In a subshell only.
as_session() {
  umask "$SESSION_UMASK"
  if [ -n "$SESSION_LOCALE_SET" ]; then LC_ALL=$SESSION_LOCALE; else unset LC_ALL; fi
  trap - HUP INT PIPE TERM
  exec setsid "$@"
}

# A command given as lines, bounded, with nothing of ours: no input, no shell; its output is the caller's.
run_lines() {
  limit=$1
  IFS=$NL
  # shellcheck disable=SC2086 # one word a line is what is wanted
  set -- $2
  IFS=$WORDS
  # In busybox the program itself is what its timeout ends, and the shell that waits for it says so: to nowhere.
  ( (as_session timeout -k 5 "$limit" "$@"); exit $?) </dev/null 2>/dev/null 3>&- 4>&- 5>&- 6>&- 7>&- 8>&- 9>&-
}

# ---------------------------------------------------------------------------------------------- input

# Reads version line, one name=base64 line per field of $1, end line out of $input. Leaves b64_<name>.
read_fields() {
  wanted=$1 seen=' ' ended=no number=0
  IFS=';'
  for line in $input; do
    IFS=$WORDS
    case $line in *"$LAST")
      [ $ended = no ] || [ "$line" = "$LAST" ] || ended=passed
      break
      ;;
    esac
    if [ $ended != no ]; then
      ended=passed
      break
    fi
    number=$((number + 1))
    if [ $problem_count -ge $MOST_PROBLEMS ]; then
      IFS=$WORDS input=''
      return
    fi
    if [ $number -eq 1 ]; then
      [ "$line" = "$CONTRACT" ] && continue
      problem "The input's first line must be $CONTRACT."
      return
    fi
    if [ "$line" = end ]; then
      ended=yes
      continue
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
  IFS=$WORDS input=''
  case $number/$ended in
    0/*)
      problem "The input ends within its first line: nothing was sent, or the connection was cut."
      return
      ;;
    */no)
      problem "The input has no end line: the connection was cut."
      return
      ;;
    */passed) problem "Bytes follow the input's end line." ;;
  esac
  for name in $wanted; do
    case $seen in *" $name "*) continue ;; esac
    eval "b64_$name="
    case " $OPTIONAL_FIELDS " in *" $name "*) ;; *) problem "$name: is missing." ;; esac
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

# Is $1 UTF-8? Its bytes as numbers, so that no shell or awk has an opinion of its own.
is_utf8() {
  case $1 in *[![:cntrl:][:print:]]*) ;; *) return 0 ;; esac
  printf '%s' "$1" | od -An -v -tu1 | awk '
    { for (i = 1; i <= NF; i++) {
        byte = $i + 0
        if (more > 0) { if (byte < low || byte > high) bad = 1; more--; low = 128; high = 191; continue }
        low = 128; high = 191
        if (byte < 128) continue
        if (byte < 194 || byte > 244) { bad = 1; continue }
        more = byte < 224 ? 1 : byte < 240 ? 2 : 3
        if (byte == 224) low = 160
        if (byte == 237) high = 159
        if (byte == 240) low = 144
        if (byte == 244) high = 143
    } }
    END { exit bad || more > 0 }'
}

# b64_<name> to f_<name>, exactly; a NUL, which a shell cannot hold, is a problem.
decode_field() {
  eval "encoded=\$b64_$1"
  { plain=$(printf '%s' "$encoded" | base64 -d && printf x); } 2>/dev/null
  plain=${plain%x}
  decoded_size "$encoded"
  [ "${#plain}" -eq "$bytes" ] || problem "$1: holds a NUL byte or is not base64."
  # What is not UTF-8 was given all the same: nothing that is asked of it later says otherwise, nor does the report hold it.
  case " $SECRET_FIELDS " in *" $1 "*) ;; *)
    is_utf8 "$plain" || { problem "$1: must be text in UTF-8." && plain=$(printf '%s' "$plain" | tr '\200-\377' '?' && printf x) && plain=${plain%x}; }
    ;;
  esac
  eval "f_$1=\$plain"
}

check_word() {
  for name in "$@"; do
    eval "plain=\$f_$name"
    case $plain in '' | *[!A-Za-z0-9._:+-]*) ;; *) [ "${#plain}" -gt 128 ] || continue ;; esac
    problem "$name: must be 1 to 128 of A-Z a-z 0-9 . _ : + -"
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
    [ "${#plain}" -le $LIST_BYTES ] || problem "$name: must be at most $LIST_BYTES bytes long in all."
    IFS=$NL
    for part in $plain; do
      case $part in *[[:cntrl:]]*) problem "$name: must hold no control characters." ;; esac
      [ "${#part}" -le 1024 ] || problem "$name: a line must be at most 1024 bytes long."
    done
    IFS=$WORDS
  done
}

# Absolute, and the same to whoever follows links and to whoever takes .. for the part before it.
check_path() {
  for name in "$@"; do
    eval "plain=\$f_$name"
    case $plain in /*) ;; *) problem "$name: must be an absolute path." ;; esac
    case $plain/ in */./* | */../*) problem "$name: must hold no part . or .." ;; esac
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
  # Most of them by one awk, since a program for each of so many takes long on a busy host: those of printable ASCII and line
  # ends, which every awk writes alike. decode_field takes the rest.
  decoded=' '
  shown=$(for field in $PLAIN_FIELDS; do eval "printf '%s=%s\n' $field \"\$b64_$field\""; done | awk '
    BEGIN {
      digits = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
      for (i = 1; i <= 64; i++) value[substr(digits, i, 1)] = i - 1
      value["="] = 0
      for (i = 32; i < 127; i++) byte[i] = sprintf("%c", i)
      byte[10] = "\n"
    }
    {
      at = index($0, "=")
      encoded = substr($0, at + 1)
      size = length(encoded)
      if (size > 2048) next
      kept = size / 4 * 3 - (encoded ~ /==$/ ? 2 : encoded ~ /=$/ ? 1 : 0)
      text = ""
      for (i = 1; i <= size; i += 4) {
        three = value[substr(encoded, i, 1)] * 262144 + value[substr(encoded, i + 1, 1)] * 4096
        three += value[substr(encoded, i + 2, 1)] * 64 + value[substr(encoded, i + 3, 1)]
        split(int(three / 65536) " " int(three / 256) % 256 " " three % 256, code, " ")
        for (k = 1; k <= 3 && k <= kept; k++) {
          if (!((code[k] + 0) in byte)) next
          text = text byte[code[k] + 0]
        }
        kept -= 3
      }
      printf "%s=%s\001", substr($0, 1, at - 1), text
    }' 2>/dev/null)
  IFS=$ENDED
  for pair in $shown; do
    eval "f_${pair%%=*}=\${pair#*=}"
    decoded="$decoded${pair%%=*} "
  done
  IFS=$WORDS
  for field in $PLAIN_FIELDS; do
    case $decoded in *" $field "*) ;; *) decode_field "$field" ;; esac
  done
  check_word consumer epoch keyId revision attempt writer
  check_int 0 retry marginSeconds patienceSeconds settleSeconds
  check_int 1 stopTimeoutSeconds startTimeoutSeconds proofTimeoutSeconds deadlineSeconds deadManSeconds
  check_lines service exitZeroFor formerWriters traceInstances failurePatterns successPatterns startCommand stopCommand statusCommand
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
  check_path filePath
  [ -z "$f_traceDirectory" ] || check_path traceDirectory
  case $f_tracePattern in *[/\\]*) problem "tracePattern: must be a file's name, without a folder." ;; esac
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
  [ -z "$f_successPatterns" ] || [ $traced = yes ] || problem "successPatterns: needs traceDirectory and tracePattern."
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
    [ -z "$f_before" ] || [ -z "$f_after" ] || check_edited
  else
    [ -z "$f_before$f_after" ] || problem "before, after: must be empty for fileMode content."
    [ -n "$b64_content" ] || problem "content: must be given for fileMode content."
    { text=$(printf '%s' "$b64_content" | base64 -d | tr -d '\000'); } 2>/dev/null
    case $text in *"$f_value"*) ;; *) problem "content: must contain value." ;; esac
    text=
  fi
}

# The next run must find this value, whole and once.
check_edited() {
  text=$f_value$f_after
  case ${text%%"$f_after"*} in "$f_value") ;; *) problem "after: must not begin within value: the next run would take the value to end there." ;; esac
  case $text in *"$f_before"*) problem "before: must not stand in value and after: the next run would find it twice." ;; esac
  text=
}

# Standard input as lines parted by ';', in $input, when its stream has ended within $1 seconds; else it is empty. By tr,
# since a shell's own read drops NULs: a byte that stands for something here, and may not be in the input, becomes \003.
take_input() {
  input=$({ timeout "$1" tr '\000\002;\n' '\003\003\003;' && printf '%s' "$LAST"; } 2>/dev/null | head -c $((INPUT_BYTES + 2)))
  # By its length first: a long text is slow to look through in these shells.
  if [ ${#input} -gt $((INPUT_BYTES + 1)) ]; then
    input='' && problem "The input is longer than $INPUT_BYTES bytes."
    return
  fi
  case $interrupted$input in *"$LAST") [ -n "$interrupted" ] || return 0 ;; esac
  input='' && problem "The input's stream did not end within $INPUT_SECONDS seconds, or the run was asked to end."
}

# The whole input, with a bound on its coming; all problems in one refusal, nothing touched.
read_input() {
  enter_phase input
  trap 'interrupted=SIGTERM' TERM INT
  take_input $INPUT_SECONDS
  [ -n "$problems" ] || read_fields "$SECRET_FIELDS $PLAIN_FIELDS"
  [ -n "$problems" ] || check_fields yes
  [ -z "$problems" ] || refuse_problems "The input is refused" "Nothing was touched. Correct the settings and run again."
  deadline_at=$((started_ms + f_deadlineSeconds * 1000))
}

# ---------------------------------------------------------------------------------------------- service

# The same, with no output.
run_command() { run_lines "$1" "$2" >/dev/null; }

# $state: running, stopped, missing or unknown.
service_state() {
  state=unknown
  case $f_serviceManager in
    command)
      run_command $STATUS_SECONDS "$f_statusCommand"
      case $? in 0) state=running ;; 3) state=stopped ;; 4) state=missing ;; esac
      ;;
    systemd)
      shown=$(run_lines $STATUS_SECONDS "$SHOW${NL}ActiveState$NL$service")
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
    case $(run_lines $STATUS_SECONDS "$SHOW${NL}LoadState$NL$name") in
      LoadState=loaded) found="$found$name " ;;
      LoadState=masked) masked="$masked$name " ;;
    esac
  done
  if [ -z "$found$masked" ]; then
    for line in $(run_lines $STATUS_SECONDS "$SHOW${NL}Id$NL-p${NL}Description$NL*.service"); do
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
      # Up to the program's end, not to that of its output, which a child of it may hold. The last line is for busybox,
      # whose sed reads one ahead.
      shown=$({ run_lines $STATUS_SECONDS "$f_statusCommand"; printf '\n%s\n\n' "$ENDED"; } | sed -n "/^$ENDED\$/q;s/^started //p")
      began=${shown##*"$NL"}
      began=${began%"$CR"}
      case $began in '' | *[!0-9]* | 0* | ????????????*) began= ;; esac
      began_mark=$began
      # In the future it is no beginning: the clock was set back since.
      [ -z "$began" ] || [ "$began" -le $(($(date +%s) + 2)) ] || began=
      ;;
    systemd)
      shown=$(run_lines $STATUS_SECONDS "$SHOW${NL}ExecMainStartTimestampMonotonic$NL$service")
      began_mark=${shown#ExecMainStartTimestampMonotonic=}
      case $began_mark in '' | *[!0-9]* | 0*) began_mark= ;; *)
        now_ms
        began=$(($(date +%s) - (now - began_mark / 1000) / 1000))
        ;;
      esac
      ;;
  esac
}

# Whether the process that runs began before the swap, as far as its manager tells; in whole seconds it may be one off. The
# monotonic clock of systemd stands still while the host sleeps, and ours does not: there /proc tells, with its hundredths.
began_before_swap() {
  service_began
  [ -n "$began_mark" ] && [ -n "$swapped_ms" ] || return 1
  [ "$began_mark" != "$former_mark" ] || return 0
  case $f_serviceManager in
    command)
      [ -n "$began" ] || return 1
      now_ms
      [ "$began" -lt $(($(date +%s) - (now - swapped_ms) / 1000 - 1)) ]
      ;;
    systemd)
      shown=$(run_lines $STATUS_SECONDS "$SHOW${NL}MainPID$NL$service")
      mark_of "${shown#MainPID=}" || return 1
      shown=${mark#*-}
      shown=${shown%%-*}
      [ "$shown" != 0 ] && [ $((shown * 10)) -lt $((swapped_ms - 100)) ]
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

# Until when a stop that was asked for now may still be watched: before the dead-man switch ends this run, and in time for
# one more start.
watch_stop() {
  act_until=$(($1 + (f_deadManSeconds - f_startTimeoutSeconds - f_settleSeconds - 5) * 1000))
  [ -z "$deadline_at" ] || {
    least=$((deadline_at - (f_startTimeoutSeconds + f_settleSeconds + 5) * 1000))
    [ $act_until -lt $least ] || act_until=$least
  }
}

# While $stopping is yes, a stop of ours may be on its way: whoever leaves then may leave the service stopped.
stop_service() {
  now_ms
  since=$now stopping=yes
  : "${down_since:=$since}"
  [ -n "$act_until" ] || watch_stop "$since"
  case $f_serviceManager in
    command) words=$f_stopCommand ;;
    systemd) words=systemctl${NL}stop$NL$service ;;
  esac
  # 0 says that it has stopped. Not asked again: while the service is stopped every program costs its users.
  if run_command "$f_stopTimeoutSeconds" "$words"; then
    state=stopped stopping=no
    return 0
  fi
  wait_state stopped "$f_stopTimeoutSeconds" "$since" && stopping=no && return 0
  fault="the service did not stop within $f_stopTimeoutSeconds seconds"
  return 1
}

# Asks for the start, and again where it has visibly failed: after a pause that doubles, until the service runs or its limit
# is over. While a stop may be on its way that limit begins once the service has stopped.
start_service() {
  now_ms
  again=$((START_AGAIN_SECONDS * 1000)) start_until=$((now + f_startTimeoutSeconds * 1000))
  if [ $stopping = yes ] && [ $start_until -lt "$act_until" ]; then start_until=$act_until; fi
  while :; do
    now_ms
    asked=$now restarts=$((restarts + 1)) failed=yes
    limit=$(((start_until - now + 999) / 1000))
    [ "$limit" -le "$f_startTimeoutSeconds" ] || limit=$f_startTimeoutSeconds
    [ "$limit" -gt 0 ] || limit=1
    case $f_serviceManager in
      command) words=$f_startCommand ;;
      systemd) words=systemctl${NL}start$NL$service ;;
    esac
    run_command "$limit" "$words"
    code=$?
    # A command's 0 may mean that it will run; a service that still runs gives 0 too. systemd does one after the other.
    case $code/$f_serviceManager in
      0/command) failed=no ;;
      0/systemd) stopping=no ;;
    esac
    while :; do
      service_state
      now_ms
      case $state in
        running)
          running_since=$now
          [ -z "$down_since" ] || downtime=$((downtime + now - down_since))
          down_since=
          return 0
          ;;
        stopped)
          if [ $stopping = yes ]; then
            stopping=no again=$((START_AGAIN_SECONDS * 1000)) start_until=$((now + f_startTimeoutSeconds * 1000))
            break
          fi
          [ $failed = no ] || [ "$now" -lt $((asked + again)) ] || [ "$now" -ge $start_until ] || break
          ;;
        *) failed=yes ;;
      esac
      if [ "$now" -ge "$start_until" ]; then
        fault="the service did not run within $f_startTimeoutSeconds seconds of its start"
        case $code in 126 | 127) fault="$fault: its command could not be run ($code)" ;; esac
        return 1
      fi
      pause 0.1
    done
    again=$((again * 2))
    [ $again -le $((START_AGAIN_MOST_SECONDS * 1000)) ] || again=$((START_AGAIN_MOST_SECONDS * 1000))
  done
}

# ---------------------------------------------------------------------------------------------- host

check_tools() {
  case $(type printf) in *builtin*) ;; *) problem "This shell has no built-in printf: a secret would stand on a command line." ;; esac
  for tool in awk base64 cat cmp cp date df head id ln ls mkdir mv od rm sed setsid sleep stat sync tail timeout touch tr; do
    command -v $tool >/dev/null || problem "$tool is not on this host."
  done
}

# Each command's program is there: a start that cannot be asked for is found out before the stop.
check_programs() {
  [ "$f_serviceManager" = command ] || return 0
  for name in startCommand stopCommand statusCommand; do
    eval "program=\${f_$name%%\"\$NL\"*}"
    is_program "$program" || problem "$name: its program $program is not on this host, or cannot be run."
  done
}

# Whether the system finds a program by its path or name; what is built into this shell is none.
is_program() {
  case $1 in */*)
    [ -f "$1" ] && [ -x "$1" ]
    return
    ;;
  esac
  IFS=:
  for place in $PATH; do
    if [ -f "$place/$1" ] && [ -x "$place/$1" ]; then
      IFS=$WORDS
      return 0
    fi
  done
  IFS=$WORDS
  return 1
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
  # By the descriptor: an open for writing makes what is not there, also behind a link.
  if ! open_file "$f_filePath" anyhow || ! { (: >>$opened) 2>/dev/null; }; then
    problem "filePath: $f_filePath cannot be opened for reading and writing."
    return
  fi
  command exec 5<&-
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
  if [ "$f_fileMode" = edit ] && ! edit_text "$f_filePath"; then problem "filePath: $fault."; fi
  text='' head='' current=''
}

# A folder of this user's with mode 700; one that is made in a folder with the group's bit inherits that.
is_closed() {
  file_meta "$1"
  case "$meta" in "drwx--"[S-]"--- $(id -u) "* | "drwx--"[S-]"---. $(id -u) "*) return 0 ;; esac
  return 1
}

check_state_folder() {
  [ -e "$dir" ] || [ -h "$dir" ] || return 0
  is_closed "$dir" || problem "The state folder $state_folder must be a folder of user $(id -u) with mode 700."
}

# The state folder on descriptor 9, and $dir is that from now on: whoever may rename it in the folder that it stands in
# can make the next run refuse another, but not lead this one there.
hold_state_folder() {
  { command exec 9<"$state_folder"; } 2>/dev/null || return 1
  dir=/proc/self/fd/9
  [ "$(stat -Lc %d:%i $dir 2>/dev/null)" = "$(stat -c %d:%i "$state_folder" 2>/dev/null)" ] && is_closed $dir/.
}

check_trace() {
  [ "$f_window" = trace ] || [ "$f_proofSyncLine" = true ] || [ -n "$f_failurePatterns$f_successPatterns" ] || return 0
  if [ ! -d "$f_traceDirectory" ] || [ ! -x "$f_traceDirectory" ]; then
    problem "traceDirectory: $f_traceDirectory is not a folder that can be read."
    return
  fi
  trace_files
  if [ -z "$newest" ]; then
    problem "tracePattern: no trace $f_tracePattern of the last 12 months is in $f_traceDirectory."
  elif [ ! -r "$newest" ]; then
    problem "tracePattern: $newest cannot be read."
  elif is_utf16 "$newest"; then
    problem "tracePattern: $newest is in UTF-16, in which no line would be found."
  fi
}

check_host() {
  enter_phase host
  check_tools
  check_programs
  [ -z "$problems" ] || refuse_problems "The host lacks something" "Nothing was touched. Install it and run again."
  find_service
  dir=$f_filePath.keyturn state_folder=$dir
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

# edit: finds the one value in $1, the file or a copy of it. $head: text before `before`; $current: the value there now; $rest_at: where the text after
# `after` begins, counted from 1. Else $fault. The file is cut by offsets: ${text#*long} takes minutes in these shells.
edit_text() {
  # The added byte keeps line ends that $( ) would drop.
  { text=$(cat "$1" && printf '\001'); } 2>/dev/null
  file_size "$1"
  if [ $((${#text} - 1)) -ne "$size" ]; then
    fault="the file holds NUL bytes; mode edit takes text of one byte per ASCII character"
    return 1
  fi
  case $text in *"$f_before"*) ;; *) fault="the file does not hold the text before the value" && return 1 ;; esac
  head=${text%%"$f_before"*}
  rest_at=$((${#head} + ${#f_before} + 1))
  text=$(tail -c "+$rest_at" "$1" && printf '\001')
  case $text in *"$f_before"*) fault="the file holds the text before the value more than once" && return 1 ;; esac
  case $text in *"$f_after"*) ;; *) fault="the file does not hold the text after the value" && return 1 ;; esac
  current=${text%%"$f_after"*}
  rest_at=$((rest_at + ${#current} + ${#f_after}))
  new_size=$((${#head} + ${#f_before} + ${#f_value} + ${#f_after} + size + 1 - rest_at))
  case $current in *"$NL"* | *"$CR"*) fault="the value in the file would run over a line break" && return 1 ;; esac
  text=$f_value$f_after$(tail -c "+$rest_at" "$1" && printf '\001')
  case $text in *"$f_before"*) fault="the file with the new value would hold the text before the value more than once" && return 1 ;; esac
}

# $1 on descriptor 5, which stays what it is when somebody puts another in its place: a regular file under its own name and
# no other (with "anyhow" also one of several names), the very one that stands there. It is copied by $opened, never by its path.
# For the caller to close.
opened=/proc/self/fd/5
open_file() {
  is_file "$1" && { command exec 5<"$1"; } 2>/dev/null || return 1
  found=$(stat -Lc %d:%i:%h:%f $opened 2>/dev/null)
  [ "$found" = "$(stat -c %d:%i:%h:%f "$1" 2>/dev/null)" ] || return 1
  case ${found##*:} in 8*) ;; *) return 1 ;; esac
  case $found in *:1:8*) ;; *) [ "${2:-}" = anyhow ] ;; esac
}

# A copy $2 with owner, mode, ACL and times of $1, flushed; in a folder of ours, where it is made new.
copy_whole() {
  rm -f "$2"
  open_file "$1" && cp -aL $opened "$2" 2>/dev/null
  copied=$?
  command exec 5<&-
  [ $copied -eq 0 ] && flush "$2"
}

# backup and staged, with the file's owner, mode and ACL; staged holds the new bytes. Else $fault.
prepare_file() {
  fault="the file is not there any more, or is not a regular file"
  is_file "$f_filePath" || return 1
  fault="the file cannot be copied within $state_folder (no room?)"
  # In this order: without staged, the file is the new one or equal to backup.
  copy_whole "$f_filePath" "$dir/backup.next" && move_over "$dir/backup.next" "$dir/backup" && rm -f "$dir/staged" &&
    copy_whole "$f_filePath" "$dir/staged" || return 1
  if [ "$f_fileMode" = edit ]; then
    edit_text "$dir/backup" || return 1
    fault="the new file cannot be written in $state_folder (no room?)"
    { printf '%s' "$head$f_before$f_value$f_after" && tail -c "+$rest_at" "$dir/backup"; } 2>/dev/null >"$dir/staged" || return 1
    text='' head='' current=''
  else
    fault="the new file cannot be written in $state_folder (no room?)"
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
  case $target in *+\ *) getfacl -cpP "$f_filePath" 2>/dev/null | setfacl --set-file=- "$1" 2>/dev/null ;; esac
  file_meta "$1"
  [ "$meta" != "$target" ] || return 0
  fault="owner, mode or access list of the file cannot be kept (is $target, would be $meta)"
  return 1
}

# Whether a file is there and equal to $1; a pipe is never waited for.
same_files() { is_file "$2" && cmp -s "$1" "$2"; }

# Whether the new file was put in place, in $swapped: staged goes with that rename only, while the service may be stopped.
look_for_swap() {
  swapped=no
  [ -e "$dir/staged" ] || ! is_file "$dir/backup" || same_files "$dir/backup" "$f_filePath" || swapped=yes
}

# Whether the file is the new one still, as it was put in place: no service may have written it yet.
swap_stands() {
  [ "$f_proofReencrypted" = false ] || ! file_rewritten || return 1
  file_is_new
}

# Whether the file is the former one again. The dead-man switch, which knows no value, takes one that is equal to it for that.
# Where the former file holds the same secret, the service may make the same bytes of both.
swap_undone() {
  [ "$adopted_key" != "$f_keyId" ] || return 1
  same_files "$dir/backup" "$f_filePath" || return 1
  [ "$mode" = deadman ] || ! file_is_new
}

# Puts backup back over the file, atomically; nothing to do when the file is not the new one, or equal to backup. One that
# is gone, or has become a link, is put back too, whoever did that.
put_back() {
  if is_file "$f_filePath"; then
    [ $swapped = yes ] || return 0
    same_files "$dir/backup" "$f_filePath" && return 0
  fi
  # busybox renames over no link to a folder.
  [ ! -h "$f_filePath" ] || rm -f "$f_filePath"
  obstacle=
  copy_whole "$dir/backup" "$dir/restore.next" &&
    move_over_file "$dir/restore.next" && flush "${f_filePath%/*}/" && return 0
  fault="the former file could not be put back$obstacle"
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

# What this run writes: the content, or the value in its place.
file_is_new() {
  [ "$f_fileMode" = edit ] || { file_is_content && return 0 || return 1; }
  edit_text "$f_filePath" && [ "$current" = "$f_value" ]
  same=$?
  text='' head='' current=''
  return $same
}

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

# Does the line name an instance: with no letter, digit, _ or - beside it? For awk.
NAMES='
  function names(line, name,    at, from) {
    for (from = 1; (at = index(substr(line, from), name)) > 0; from += at) {
      at += from - 1
      if ((at == 1 || substr(line, at - 1, 1) !~ /[A-Za-z0-9_-]/) &&
          substr(line, at + length(name), 1) !~ /[A-Za-z0-9_-]/) return 1
      at -= from - 1
    }
    return 0
  }'

# From standard input: the last complete time of each instance, one a line; "none" for an instance without. An awk may end a
# line at a NUL.
last_sync_times() {
  tr '\000' '\001' | KEYTURN_PREFIX=$f_tracePrefix KEYTURN_SUFFIX=$f_traceSuffix KEYTURN_INSTANCES=$f_traceInstances awk "$NAMES"'
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

# Earliest of the instances' last times: $next_sync (seconds since 1970), empty when one is missing, or so far ahead that it
# announces nothing; $last_sync: the latest of them.
next_sync_of() {
  next_sync='' last_sync=0 missing=no ahead=$(($(date +%s) + AHEAD_SECONDS))
  IFS=$NL
  for time in $1; do
    IFS=$WORDS
    if [ "$time" = none ] || ! to_epoch "$time" || [ "$epoch" -gt $ahead ]; then
      missing=yes
    else
      [ -n "$next_sync" ] && [ "$epoch" -ge "$next_sync" ] || next_sync=$epoch
      [ "$epoch" -le "$last_sync" ] || last_sync=$epoch
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
  [ $y -ge 1970 ] && [ $mo -ge 1 ] && [ $mo -le 12 ] && [ $d -ge 1 ] && [ $d -le 31 ] && [ $h -le 23 ] && [ $mi -le 59 ] && [ $s -le 60 ] ||
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
      too_far=''
      [ -n "$next_sync" ] && [ -z "$restarted" ] || return 0
      # A service whose clock is another one than the host's may sync at any moment.
      near=$f_patienceSeconds
      [ "$near" -ge $NEAR_SECONDS ] || near=$NEAR_SECONDS
      [ "$last_sync" -le $(($(date +%s) + near)) ] || { too_far=$last_sync && return 0; }
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

# By its first four bytes: a mark of UTF-16, or every other one is a NUL.
is_utf16() {
  # shellcheck disable=SC2046
  set -- $(od -An -tx1 -N4 "$1" 2>/dev/null)
  [ $# -eq 4 ] || return 1
  case $1$2 in fffe | feff) return 0 ;; esac
  case $1.$3/$2.$4 in
    00.00/00.* | 00.00/*.00 | 00.*/00.00 | *.00/00.00) return 1 ;;
    00.00/* | */00.00) return 0 ;;
  esac
  return 1
}

# The older trace's end first, so that the newest line comes last.
trace_tails() {
  [ -z "$older" ] || { tail -c $TRACE_BYTES "$older" 2>/dev/null && echo; }
  [ -z "$newest" ] || tail -c $TRACE_BYTES "$newest" 2>/dev/null
}

# Where the trace ends now, in $trace_mark: what comes behind it is new.
mark_trace() {
  trace_mark=
  [ -n "$f_traceDirectory" ] && [ -n "$f_tracePattern" ] || return 0
  trace_end
  trace_mark=$ends
}

# Moves the mark behind what was written to that file since; one that has become shorter is begun anew, and all of it is new.
follow_trace() {
  marked_file=${trace_mark#* }
  [ -n "$marked_file" ] && file_size "$marked_file" && [ "$size" -gt "${trace_mark%% *}" ] || return 0
  trace_mark="$size $marked_file"
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

# Whether the trace, from an end of it on, can be read now.
trace_read() {
  [ -n "$1" ] || return 0
  trace_files
  for name in "${1#* }" "$newest"; do
    [ ! -f "$name" ] || tail -c 1 "$name" >/dev/null 2>&1 || return 1
  done
}

# From standard input: the first failure pattern that occurs.
first_failure() {
  tr '\000' '\001' | KEYTURN_PATTERNS=$f_failurePatterns awk '
    BEGIN { list = ENVIRON["KEYTURN_PATTERNS"]; sub(/\n$/, "", list); count = split(list, pattern, "\n") }
    found == "" { for (i = 1; i <= count; i++) if (index($0, pattern[i]) > 0) { found = pattern[i]; break } }
    END { print found }'
}

# From standard input: is there a line of a successful sync, one for every instance?
has_synced() {
  tr '\000' '\001' | KEYTURN_PATTERNS=$f_successPatterns KEYTURN_INSTANCES=$f_traceInstances awk "$NAMES"'
    BEGIN {
      list = ENVIRON["KEYTURN_PATTERNS"]; sub(/\n$/, "", list); patterns = split(list, pattern, "\n")
      list = ENVIRON["KEYTURN_INSTANCES"]; sub(/\n$/, "", list)
      count = list == "" ? 0 : split(list, instance, "\n")
    }
    {
      for (p = 1; p <= patterns; p++) if (index($0, pattern[p]) > 0) break
      if (p > patterns) next
      if (count == 0) synced[0] = 1
      for (i = 1; i <= count; i++) if (names($0, instance[i])) synced[i] = 1
    }
    END {
      if (count == 0) exit !(0 in synced)
      for (i = 1; i <= count; i++) if (!(i in synced)) exit 1
    }'
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
        printf '%s' "Not now: the trace announces no next sync within 31 days, so no moment is known to be safe."
      elif [ -n "$too_far" ]; then
        printf '%s' "Not now: the trace announces a sync at $(date -u -d "@$too_far" +%Y-%m-%dT%H:%M:%SZ), more than $near seconds ahead. Either the service's clock is not the host's (restart it by hand after a change of the clock or the time zone), or it announces that far ahead (raise patienceSeconds above it, or give it a daily window)."
      else
        printf '%s' "Not now: the next sync, $(date -u -d "@$next_sync" +%Y-%m-%dT%H:%M:%SZ), is not $f_marginSeconds seconds away."
      fi
      ;;
  esac
}

# ---------------------------------------------------------------------------------------------- journal

# Reads the journal: $journal_phase and its key, history, last adoption, restored count for this key and retry.
read_journal() {
  journal_phase=closed journal_key='' journal_revision='' journal_retry=0 journal_time='' trace_mark='' history=''
  adopted_key='' adopted_revision='' adopted_mode='' adopted_writer='' restored_count=0 journal_fault=
  [ -e "$dir/journal" ] || return 0
  # A shell's read drops NULs.
  { nuls=$(tr -dc '\000' <"$dir/journal" | tr '\000' N); } 2>/dev/null
  [ -z "$nuls" ] || return 1
  { plain=$(cat "$dir/journal"); } 2>/dev/null
  is_utf8 "$plain" || return 1
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
        journal_phase=$2 journal_key=$3 journal_revision=$4 journal_retry=$5 journal_time=$6
        case $2 in closed | waiting | stopping | proving | restoring) ;; *) journal_fault=yes ;; esac
        ;;
      trace/*)
        trace_mark=${line#trace }
        [ "trace $trace_mark" = "$line" ] || journal_fault=yes
        ;;
      adopted/7 | adopted/5) adopted_key=$2 adopted_revision=$3 adopted_mode=${6:-} adopted_writer=${7:-} history=$history$line$NL ;;
      restored/4)
        history=$history$line$NL
        [ "$2/$3" != "$f_keyId/$f_retry" ] || restored_count=$((restored_count + 1))
        ;;
      *) journal_fault=yes ;;
    esac
  done 2>/dev/null <"$dir/journal" || journal_fault=yes
  [ -n "$journal_fault" ] || [ $first = yes ] || return 0
  # Nothing is told of it. Its lines are kept for the dead-man, who writes it anew.
  adopted_key='' adopted_revision='' adopted_mode='' adopted_writer='' restored_count=0
  return 1
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
    finish refused "The state folder $state_folder cannot be made." "Give this user the right to, and run again."
  hold_state_folder ||
    finish refused "The state folder $state_folder is not the one that was looked at." "Nothing was touched. See who changes the folder that it stands in, and run again."
  now_ms
  until=$((now + (f_stopTimeoutSeconds + f_startTimeoutSeconds + f_settleSeconds + f_proofTimeoutSeconds + 10) * 1000))
  busy='' busy_until=''
  while :; do
    take_lock
    case $? in 0) break ;; 2) finish refused "The lock in $state_folder cannot be made (no hard links, or no room)." "Put this right and run again." ;; esac
    { read -r line <"$dir/deadman"; } 2>/dev/null || line=
    now_ms
    if [ "$line" != "$holder" ]; then
      # A switch that is about to go has taken its mark away, and has the lock for a moment yet.
      [ "$holder" = "$busy" ] || busy=$holder busy_until=$((now + 2000))
      [ "$now" -lt $busy_until ] || finish refused "Another update of this file is at work (process ${holder%%-*})." "Run again when it has ended."
    elif [ "$now" -ge $until ]; then
      finish refused "The dead-man switch of an earlier update is at work (process ${holder%%-*}): it waits for the service $service to run." "Start the service, and run again when the switch has gone."
    fi
    pause 0.5
  done
  read_journal || refuse_journal
}

refuse_journal() {
  journal_phase=unreadable
  finish refused "The journal $state_folder/journal cannot be read." "See what it says; move it away if the service runs as it should, then run again."
}

# ---------------------------------------------------------------------------------------------- recovery

# Puts an interrupted run right, from its order; this run's own settings are back afterwards. Not in a subshell: that
# would live on, without the lock, when this process is killed.
recover_first() {
  [ "$journal_phase" != closed ] || return 0
  enter_phase recover
  was_interrupted=$journal_phase found_service=$service
  # The service was not touched, so whatever else lies there says nothing.
  if [ "$journal_phase" = waiting ]; then
    close_journal || finish refused "The journal in $state_folder cannot be written." "Nothing was touched. Put this right and run again."
    rm -f "$dir/order"
    return 0
  fi
  same=no
  [ "$journal_key/$journal_revision" != "$f_keyId/$f_revision" ] || same=yes
  for field in $PLAIN_FIELDS; do eval "own_$field=\$b64_$field"; done
  [ ! -f "$dir/order" ] || read_order
  # Missing, or cut: this run's own settings name the same file.
  if [ ! -f "$dir/order" ] || [ -n "$problems" ]; then own_fields && write_order; fi
  # Without a switch the service is put right all the same: nobody else will.
  launch_deadman || :
  service=$f_service
  [ "$f_serviceManager" = command ] || find_service
  recover $same || needs_hands "an earlier update was interrupted ($was_interrupted) and could not be put right: $fault"
  own_fields
  service=$found_service swapped=no down_since='' stopping=no act_until=''
  read_journal || refuse_journal
}

# This run's own settings in place of an order's.
own_fields() {
  for field in $PLAIN_FIELDS; do eval "b64_$field=\$own_$field"; done
  problems='' problem_count=0
  check_fields no
}

# One interrupted transaction to its end: section 6 of the contract. $1 = yes: the new file may be proven. $2 = again: it
# was tried before by this process, which knows whether a stop may still be on its way.
recover() {
  f_keyId=$journal_key f_revision=$journal_revision f_retry=$journal_retry
  now_ms
  down_since=$now running_since=$now
  # A stop that the dead run asked for is as old as the journal's phase at least.
  age=0
  stamp=$(printf '%s' "$journal_time" | tr 'TZ' '  ')
  stamp=$(date -u -d "${stamp% }" +%s 2>/dev/null) && age=$(($(date +%s) - stamp))
  [ $age -gt 0 ] || age=0
  [ $age -lt "$f_deadlineSeconds" ] || age=$f_deadlineSeconds
  if [ "${2:-}" != again ]; then watch_stop $((now - age * 1000)); elif [ $stopping = no ]; then act_until=; fi
  # A run that ended by itself left word that no stop of its own was on its way.
  at_rest=no
  [ ! -e "$dir/at-rest" ] || { at_rest=yes && rm -f "$dir/at-rest"; }
  look_for_swap
  # Tried before, in vain: the service may still run on the new file, whatever lies there now.
  [ "${2:-}/$runs_on_new" != again/yes ] || swapped=yes
  case $journal_phase in
    closed) rm -f "$dir/staged" && return 0 ;;
    waiting) close_journal && return 0 || return 1 ;;
    stopping)
      if [ -e "$dir/staged" ]; then
        stopping=yes
        wait_state stopped "$f_stopTimeoutSeconds" "$now" && stopping=no
      fi
      ;;
    restoring) [ "${2:-}" = again ] || [ $at_rest = yes ] || stopping=yes ;;
    proving) swapped=yes ;;
  esac
  if [ "$1/$swapped" = yes/yes ] && [ "$journal_phase" != restoring ]; then
    # One that is starting on the new file is waited for: a stop may be refused, and it would run on.
    until=$((now + f_startTimeoutSeconds * 1000))
    service_state
    while [ $state != running ] && [ $state != stopped ] && [ "$now" -lt $until ]; do
      pause 0.1
      service_state
      now_ms
    done
    now_ms
    running_since=$now
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
  rm -f "$dir/at-rest"
  write_order
  launch_deadman && return 0
  close_journal
  finish refused "The dead-man switch could not be armed within $ARM_SECONDS seconds." "Nothing was touched. See whether this user may start a background process here."
}

# What the dead-man and the next run need to put this run right; no secret.
write_order() {
  # shellcheck disable=SC2015
  {
    echo "$CONTRACT"
    for field in $PLAIN_FIELDS; do
      case " $OPTIONAL_FIELDS " in *" $field "*) eval "[ -n \"\$b64_$field\" ]" || continue ;; esac
      eval "printf '%s=%s\n' $field \"\$b64_$field\""
    done
    echo end
  } 2>/dev/null >"$dir/order.next" && flush "$dir/order.next" && mv -f "$dir/order.next" "$dir/order" ||
    finish refused "The dead-man switch's order cannot be written in $state_folder." "Nothing was touched. Put this right and run again."
}

# 1: it has not come up.
launch_deadman() {
  [ $armed = no ] || return 0
  rm -f "$dir/deadman"
  launched=no
  if command -v systemd-run >/dev/null && { [ -d /run/systemd/system ] || [ "$f_serviceManager" = systemd ]; }; then
    ( (as_session timeout $ARM_SECONDS systemd-run --quiet --collect --unit="keyturn-deadman-$holding" -- /bin/sh "$self" deadman "$state_folder" "$holding"); exit $?) \
      </dev/null >/dev/null 2>&1 && launched=yes
  fi
  if [ $launched = no ]; then
    (as_session sh "$self" deadman "$state_folder" "$holding") </dev/null >/dev/null 2>&1 3>&- 4>&- 5>&- 6>&- 7>&- 8>&- 9>&- &
  fi
  now_ms
  until=$((now + ARM_SECONDS * 1000))
  while ! { read -r line <"$dir/deadman"; } 2>/dev/null || ! is_alive "$line"; do
    now_ms
    [ "$now" -lt $until ] || return 1
    pause 0.05
  done
  armed=yes
}

# The switch itself: watches the owner $2 of state folder $1; acts when the owner is dead, never while it lives.
deadman() {
  state_folder=$1 owner=$2
  hold_state_folder || exit 70
  trap : HUP INT PIPE
  read_order
  [ -z "$problems" ] || exit 70
  mark_of $$
  me=$mark
  now_ms
  armed_at=$now stopped_at='' stopped_in=''
  while :; do
    if ! lock_holder || [ "$holder" != "$owner" ]; then deadman_leaves; fi
    # Only now: the next run must not take a switch that is about to go for its own.
    [ -f "$dir/deadman" ] || { printf '%s\n' "$me" >"$dir/deadman.next" && mv -f "$dir/deadman.next" "$dir/deadman"; }
    if ! is_alive "$owner"; then
      take_lock
      case $? in 0) break ;; 1) deadman_leaves ;; esac
    elif read_journal; then
      now_ms
      # A run that has put another one right stops the service anew.
      case $journal_phase in
        closed | waiting) stopped_at= ;;
        stopping) [ "$stopped_in" = "$journal_time" ] || stopped_at=$now ;;
        *) : "${stopped_at:=$now}" ;;
      esac
      stopped_in=$journal_time
    fi
    now_ms
    # Its lock cannot be had, whatever it tries: the next run puts it right.
    [ "$now" -lt $((armed_at + (f_deadlineSeconds + 2 * f_deadManSeconds + 600) * 1000)) ] || exit 70
    if [ "$now" -ge $((armed_at + (f_deadlineSeconds + f_deadManSeconds) * 1000)) ] ||
      { [ -n "$stopped_at" ] && [ "$now" -ge $((stopped_at + f_deadManSeconds * 1000)) ]; }; then
      is_alive "$owner" && kill -KILL "${owner%%-*}" 2>/dev/null
    fi
    sleep 1
  done
  # The order may have been written anew since; with no readable journal, the safe end of it is the former file.
  for field in $PLAIN_FIELDS; do eval "own_$field=\$b64_$field"; done
  read_order
  [ -z "$problems" ] || own_fields
  service=$f_service
  [ "$f_serviceManager" = command ] || find_service
  read_journal || journal_phase=restoring
  : "${journal_key:=$f_keyId}" "${journal_revision:=$f_revision}"
  now_ms
  leaves_at=$((now + f_deadlineSeconds * 1000)) tried=
  while :; do
    recover yes "$tried" && rm -f "$dir/order" && break
    # Whoever goes now leaves the service stopped.
    service_state
    now_ms
    if [ $state/$runs_on_new = running/no ] || [ "$now" -ge $leaves_at ]; then break; fi
    sleep $DEADMAN_AGAIN_SECONDS
    journal_phase=restoring tried=again
  done
  rm -f "$dir/deadman"
  release_lock
  exit 0
}

read_order() {
  problems='' problem_count=0
  { take_input $STATUS_SECONDS <"$dir/order"; } 2>/dev/null || input=
  [ -n "$problems" ] || read_fields "$PLAIN_FIELDS"
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
      edit_text "$f_filePath" && [ "$current" = "$f_value" ] && adopted=yes
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
    finish refused "Key id $f_keyId was restored from twice and is not tried again by itself." "See $state_folder/report and the service's log; when the cause is gone, raise the retry counter in the config."
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
  stop_mark=$trace_mark
  follow_trace
  if ! same_files "$dir/backup" "$f_filePath"; then prepare_file || return 1; fi
  move_over_file "$dir/staged" && swapped=yes && return 0
  fault="the new file could not be put in place$obstacle"
  return 1
}

# After the swap and before our start the service stands still, or somebody else has started it, maybe on the former file:
# then it is stopped once more, between two syncs. Whoever starts it from then on starts it on the new file.
stop_other_start() {
  now_ms
  swapped_ms=$now
  service_state
  [ $state != stopped ] || return 0
  other_start=yes
  wait_state running "$f_startTimeoutSeconds" "$now" || :
  if [ $state = running ]; then
    now_ms
    downtime=$((downtime + now - down_since)) down_since=
    behind=$trace_mark trace_mark=$stop_mark
    wait_between_syncs
    trace_mark=$behind
  fi
  stop_service || return 1
  follow_trace
  fault="a process that somebody else started before the swap has written the file"
  swap_stands
}

# All configured signs together; $fault says which is missing.
prove() {
  looked=
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
    if [ -z "$fault$looked" ] && [ $state = running ]; then
      looked=yes
      ! began_before_swap || fault="the process that runs began before the swap: somebody else started it"
    fi
    [ -z "$fault" ] || return 1
    [ -z "$f_failurePatterns" ] || trace_read "$trace_mark" || fault="the trace cannot be read"
    [ $state = running ] || { fault="the service's state is $state" && running_since=$now; }
    [ $((now - running_since)) -ge $((f_settleSeconds * 1000)) ] || fault="it has not run for $f_settleSeconds seconds"
    if [ -z "$fault" ] && [ "$f_proofReencrypted" = true ] && ! reencrypted; then fault="the file is not re-encrypted"; fi
    if [ -z "$fault" ] && [ "$f_proofSyncLine" = true ]; then
      next_sync_of "$(new_trace "$trace_mark" | last_sync_times)"
      [ -n "$next_sync" ] || fault="no new line with the next sync"
    fi
    if [ -z "$fault" ] && [ -n "$f_successPatterns" ] && ! new_trace "$trace_mark" | has_synced; then
      fault="no new line of a successful sync"
    fi
    if [ -z "$fault" ]; then
      swap_undone || return 0
      fault="the file is the former one again" && return 1
    fi
    if [ -n "$interrupted" ]; then fault="ended by $interrupted" && return 1; fi
    if [ "$now" -ge $until ]; then fault="$fault within $f_proofTimeoutSeconds seconds" && return 1; fi
    pause 0.25
  done
}

# Running, and still running after the settle time; and as long as a stop of ours may be on its way, in case it comes.
settled() {
  now_ms
  settle_until=$((now + f_settleSeconds * 1000))
  if [ $stopping = yes ] && [ -n "$former_mark" ]; then
    service_began
    [ -z "$began_mark" ] || [ "$began_mark" = "$former_mark" ] || stopping=no
  fi
  while :; do
    service_state
    now_ms
    case $state/$stopping in
      running/no) [ "$now" -lt $settle_until ] || return 0 ;;
      running/yes) [ "$now" -lt $settle_until ] || [ "$now" -lt "$act_until" ] || return 0 ;;
      stopped/yes)
        stopping=no
        : "${down_since:=$now}"
        start_service || return 1
        settle_until=$((now + f_settleSeconds * 1000))
        ;;
      */no) fault="the service does not keep running ($state)" && return 1 ;;
      *)
        if [ "$now" -ge "$act_until" ]; then fault="the service has not ended its stop ($state)" && return 1; fi
        settle_until=$((now + f_settleSeconds * 1000))
        ;;
    esac
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
  [ $state != stopped ] || stopping=no
  now_ms
  [ $state = running ] || : "${down_since:=$now}"
  if [ $swapped = yes ] && [ $state = running ]; then wait_between_syncs; fi
  if [ $swapped = yes ] && [ $state != stopped ]; then stop_service || stubborn=$fault; fi
  # Whatever lies there then, it may run on the new one.
  if [ -n "$stubborn" ]; then runs_on_new=yes; else runs_on_new=no; fi
  missing=
  put_back || missing=$fault
  start_service || return 1
  settled || return 1
  if [ -n "$missing" ]; then fault=$missing && return 1; fi
  # A stop that came late is as good: what runs began on the former file.
  if [ -n "$stubborn" ] && [ $stopping = yes ]; then fault=$stubborn && return 1; fi
  runs_on_new=no
  fault="the file is not there any more, or is not a regular file"
  is_file "$f_filePath" || return 1
  fault="the journal could not be written"
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

# $1 in $typed, as one word of the shell that the remedy is typed in.
quote_text() {
  typed='' rest=$1
  while :; do
    case $rest in *\'*) typed=$typed${rest%%\'*}"'\\''" rest=${rest#*\'} ;; *) break ;; esac
  done
  typed="'$typed$rest'"
}

# The lines of $1 in $typed, as words of that shell; quotes only where they are needed.
quote_words() {
  all=''
  IFS=$NL
  for part in $1; do
    typed=$part
    case $part in *[!A-Za-z0-9_./:@,-]*) quote_text "$part" ;; esac
    all=${all:+$all }$typed
  done
  IFS=$WORDS
  typed=$all
}

# The exact steps. The former file is copied back only over one that this update has replaced, or that is gone.
needs_hands() {
  case $f_serviceManager in
    systemd) stop_words=systemctl${NL}stop$NL$service start_words=systemctl${NL}start$NL$service ;;
    *) stop_words=$f_stopCommand start_words=$f_startCommand ;;
  esac
  quote_words "$stop_words"
  stop_words=$typed
  quote_words "$start_words"
  start_words=$typed
  quote_text "$f_filePath"
  to=$typed
  quote_text "$state_folder/backup"
  copy_words="cp -a $typed $to"
  if ! is_file "$f_filePath" && [ -e "$f_filePath" ]; then
    quote_text "$f_filePath.away"
    copy_words="mv $to $typed; $copy_words"
  elif [ $swapped = no ] && is_file "$f_filePath"; then
    copy_words=
  fi
  is_file "$dir/backup" || copy_words=
  # A stop that does not end hangs whoever asks for another: its process is ended.
  hangs=no
  if [ $stopping = yes ] && [ $state != running ]; then
    hangs=yes
    case $f_serviceManager in
      systemd) stop_words="systemctl kill -s KILL $service (its process does not end after its stop)" ;;
      *) stop_words="end the service's process, which does not end after its stop (kill -9 <its process id>)" ;;
    esac
  fi
  after_words=
  if [ $locked/$stopping = yes/no ]; then
    case $journal_phase in closed | waiting) ;; *) { : >"$dir/at-rest"; } 2>/dev/null || : ;; esac
  fi
  if [ $locked = yes ] && [ $state != running ] && { read -r line <"$dir/deadman"; } 2>/dev/null && is_alive "$line"; then
    case $journal_phase in closed | waiting) ;; *)
      hands_off=yes
      after_words=" Until it runs the dead-man switch asks for its start again, for $f_deadlineSeconds seconds at most."
      ;;
    esac
  fi
  step_words="(1) $stop_words (2) $copy_words (3) $start_words (4) see that it runs, then run again."
  case $copy_words/$hangs in
    /no) step_words="(1) $start_words (2) see that it runs, then run again." ;;
    /yes) step_words="(1) $stop_words (2) $start_words (3) see that it runs, then run again." ;;
  esac
  finish needsHands "Needs hands: $1." "On the host: $step_words$after_words"
}

close() {
  enter_phase close
  close_adopted ||
    finish needsHands "Needs hands: the service runs on key id $f_keyId, but the journal $state_folder/journal cannot be written." "On the host: let this user write in $state_folder, then run again. The service needs nothing."
  words=
  [ -z "$other_start" ] || words=" It was stopped twice: somebody else had started it before the new file was in place."
  [ -n "$began" ] || words="$words Its manager does not tell when the process began; it was seen stopped once the new file was in place."
  finish updated "The service $service runs on key id $f_keyId, proven.$words" ""
}

apply() {
  read_input
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
  write_phase waiting || finish refused "The journal in $state_folder cannot be written." "Nothing was touched. Put this right and run again."
  while :; do
    wait_window
    arm
    prepare
    service_began
    former_mark=$began_mark
    mark_trace
    look_at_window
    [ $safe = no ] || break
    rm -f "$dir/staged"
  done
  enter_phase stop
  write_phase stopping || finish refused "The journal in $state_folder cannot be written." "The service was not stopped. Put this right and run again."
  stop_service || restore_and_finish
  swap_file || restore_and_finish
  stop_other_start || restore_and_finish
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
    # The switch takes the lock over as soon as its owner, this process, has gone.
    [ $hands_off = yes ] || release_lock
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
  # These two only, whatever the input named.
  case $outcome in alreadyAdopted | notNow) case $NL$f_exitZeroFor$NL in *"$NL$outcome$NL"*) code=0 ;; esac ;; esac
  [ $code -lt 20 ] || printf 'keyturn: %s %s\n' "$reason" "$remedy" >&2
  exit $code
}

# ---------------------------------------------------------------------------------------------- the script itself

# A problem where another than root and this user owns $1 or may write it; $2 says what it is. The group of this user's own
# name has nobody else in it; what stands in a sticky folder is its owner's.
check_place() {
  file_meta "$1"
  closed=yes
  case $file_uid in 0 | "$uid") ;; *) closed=no ;; esac
  case $file_mode in
    d????????[tT]*) [ "$2" = "folder above it" ] || closed=no ;;
    ????????w*) closed=no ;;
    ?????w*) [ "${meta##* }" = 0 ] || [ "${meta##* } $(id -gn)" = "$(id -g) $(id -un)" ] || closed=no ;;
  esac
  case $file_mode/$2 in d*folder* | -*/file) ;; *) closed=no ;; esac
  [ $closed = yes ] || problem "The script's $2, $1, must be owned and written by root or user $uid only (is $meta)."
}

# Whoever may write this script, or put another in its place, is asked for the secret and runs as this user: nothing of the
# input is read before this.
check_script() {
  uid=$(id -u)
  at=$(cd "${self%/*}/" && pwd -P)
  script=${at%/}/${self##*/}
  check_place "$script" file
  check_place "$at" folder
  at=${at%/*}
  check_place "${at:-/}" "folder above it"
  case ${script##*/} in update-[0-9a-f][0-9a-f][0-9a-f][0-9a-f][0-9a-f][0-9a-f][0-9a-f][0-9a-f].sh)
    tool=sha256sum
    command -v $tool >/dev/null || problem "$tool is not on this host."
    digest=$(sha256sum "$script" 2>/dev/null)
    named=${script##*/update-}
    [ "${digest%"${digest#????????}"}" = "${named%.sh}" ] || problem "The script $script is not the one that its name tells."
    ;;
  esac
}

# ---------------------------------------------------------------------------------------------- main

case $0 in /*) self=$0 ;; *) self=$PWD/$0 ;; esac
mode=${1:-}
now_ms
started_ms=$now
utc_time
started_at=$stamp
case $mode/$# in apply/1 | check/1 | deadman/3) check_script ;; esac
case $mode/$# in
  apply/1 | check/1)
    [ -z "$problems" ] || refuse_problems "The script may be another's" "Nothing was read. Make its folder anew, closed to all but root or this user, put the script there again, and run again."
    apply
    ;;
  deadman/3)
    [ -z "$problems" ] || exit 70
    deadman "$2" "$3"
    ;;
  *)
    echo "keyturn: the one argument is apply or check." >&2
    exit 64
    ;;
esac
