#!/bin/sh
# Keyturn: prepares a Debian or Ubuntu host, with systemd or without, for its updates: an OpenSSH server that runs, an account
# with a key and no password, the key for the runner's addresses only, and the closed folder of the update script. Run it
# as root. It is written down what was made, and --undo removes just that. docs/host-setup.md says more; setup.ps1 is its
# twin for Windows.
#
#   sh setup.sh --key 'ssh-ed25519 AAAA…' --from 192.0.2.10 [--user NAME] [--host NAME] [--script-directory FOLDER]
#               [--check]
#   sh setup.sh --undo [--check]
#
# Standard output has the `connection:` block for the stack's file and nothing else; all that is said goes to standard error.
# Exit 0: all is as wanted. 1: --check found something to do. 2: refused, nothing was changed. 3: a step failed, and what was
# done before it stands in the record.
#
# The second is about functions that are only called through `change`:
# shellcheck disable=SC2015,SC2317

set -uf
umask 077
LC_ALL=C
PATH=/usr/sbin:/usr/bin:/sbin:/bin
DEBIAN_FRONTEND=noninteractive
export LC_ALL PATH DEBIAN_FRONTEND

RECORD_FOLDER=/var/lib/keyturn-setup
RECORD=$RECORD_FOLDER/made
LOG=/var/log/keyturn-setup.log
SSHD_CONFIG=/etc/ssh/sshd_config
COMMENT='Keyturn, made by setup.sh'
SERVER_SECONDS=15
NL='
'
WORDS=$IFS

key='' from='' user=svc-keyturn host='' script_folder=/var/lib/keyturn
check=no undo=no problems='' changes=no
sshd_settings='' address='' port=22 host_key='' keys_file='' uid='' gid='' home=''

# ---------------------------------------------------------------------------------------------- small things

say() { printf 'keyturn: %s\n' "$1" >&2; }

problem() { problems="$problems  $1$NL"; }

# Everything that is wrong, at once; nothing was changed.
refuse_problems() {
  [ -n "$problems" ] || return 0
  printf 'keyturn: refused, and nothing was changed:\n%s' "$problems" >&2
  exit 2
}

fail() {
  say "$1"
  [ ! -e "$RECORD" ] || say "What was done before stands in $RECORD, and --undo removes it."
  exit 3
}

write_log() { printf '%s %s\n' "$(date -u +%Y-%m-%dT%H:%M:%SZ)" "$1" >>"$LOG" || fail "$LOG cannot be written."; }

# What is made is written down before it is made, so that nothing is made and not known.
record() {
  ! is_recorded "$1" || return 0
  mkdir -p "$RECORD_FOLDER" && printf '%s\n' "$1" >>"$RECORD" || fail "$RECORD cannot be written."
}

is_recorded() { [ -f "$RECORD" ] && grep -qxF -e "$1" "$RECORD"; }

# The values of one kind in the record, one a line.
recorded() {
  [ ! -f "$RECORD" ] || awk -v kind="$1 " 'index($0, kind) == 1 { print substr($0, length(kind) + 1) }' "$RECORD"
}

forget() {
  { grep -vxF -e "$1" "$RECORD" || :; } >"$RECORD.next" && mv -f "$RECORD.next" "$RECORD" ||
    fail "$RECORD cannot be written."
}

# A change: sentence $1, the rest is the command. With --check it is told and not made.
change() {
  sentence=$1
  shift
  changes=yes
  if [ $check = yes ]; then
    say "would: $sentence"
    return 0
  fi
  "$@" || {
    write_log "failed: $sentence"
    fail "It was not possible to $sentence."
  }
  write_log "did: $sentence"
  say "did: $sentence"
}

# Whether $1 is not empty and has no other characters than those of the set $2, in which a range counts as one.
is_word() {
  # shellcheck disable=SC2254
  case $1 in '' | *[!$2]*) return 1 ;; esac
}

# Owner and mode of $1, as ls shows them, in $owner and $mode.
look_at() {
  # shellcheck disable=SC2012,SC2046
  set -- $(ls -ldn "$1" 2>/dev/null)
  mode=${1:-} owner=${3:-}
}

# Whether nobody but root and user $2 may write what is at $1; a folder above that is sticky is its owners' too.
is_closed() {
  look_at "$1"
  case $owner in 0 | "$2") ;; *) return 1 ;; esac
  case $mode in
    l*) return 1 ;;
    d????????[tT]*) [ "${3:-}" = above ] ;;
    ?????w* | ????????w*) return 1 ;;
  esac
}

# A command as the owner of the folder $1, so that no link in somebody's home leads root elsewhere.
as_owner() {
  look_at "$1"
  shift
  [ "$owner" != 0 ] || {
    "$@"
    return
  }
  setpriv --reuid="$owner" --regid="$(getent passwd "$owner" | cut -d : -f 4)" --clear-groups -- "$@"
}

# ---------------------------------------------------------------------------------------------- input

read_arguments() {
  while [ $# -gt 0 ]; do
    case $1 in
      --check) check=yes ;;
      --undo) undo=yes ;;
      --key | --from | --user | --host | --script-directory)
        if [ $# -lt 2 ]; then
          problem "$1 must have a value behind it."
          return
        fi
        case $1 in
          --key) key=$2 ;;
          --from) from=$2 ;;
          --user) user=$2 ;;
          --host) host=$2 ;;
          *) script_folder=$2 ;;
        esac
        shift
        ;;
      # What is unknown may be anything, a key too: it is not repeated.
      *) problem "The arguments must be --key, --from, --user, --host, --script-directory, --check and --undo, but there is another one." ;;
    esac
    shift
  done
}

check_input() {
  check_key
  check_from
  is_word "$user" 'a-z0-9_-' && [ ${#user} -le 32 ] && case $user in [a-z_]*) ;; *) false ;; esac ||
    problem "--user must be 1 to 32 lower-case letters, digits, _ and -, and begin with a letter or _."
  [ -n "$host" ] || host=$(hostname -f 2>/dev/null || hostname)
  is_word "$host" 'A-Za-z0-9.:-' && [ ${#host} -le 253 ] ||
    problem "--host must be the host's name or address: letters, digits, dots, colons and hyphens."
  check_folder
}

# The update's command line has no quotes, so the path has nothing that needs them.
check_folder() {
  is_word "$script_folder" 'A-Za-z0-9._/-' && case $script_folder/ in *//* | */./* | */../*) false ;; /*[!/]*) ;; *) false ;; esac ||
    problem "--script-directory must be an absolute path of letters, digits, '.', '_' and '-', without '..' or a '/' at its end."
}

# Type and length of what the command plugin signs with; $key is the type and the key from then on, $key_blob the key.
check_key() {
  key_blob=
  must="--key must be the public key of the runner, one line as in id_ed25519.pub, of the type ssh-ed25519 or ecdsa-sha2-nistp256, 384 or 521"
  case $key in
    '')
      problem "$must."
      return
      ;;
    *PRIVATE*)
      problem "$must, but is a private key. Whoever could see this command line has it now: make another one."
      return
      ;;
    *"$NL"*)
      problem "$must, but has several lines."
      return
      ;;
  esac
  key=$(printf '%s' "$key" | tr -d '\r')
  IFS=' '
  # shellcheck disable=SC2086
  set -- $key
  IFS=$WORDS
  type=${1:-} key_blob=${2:-}
  case $type/${#key_blob}/$key_blob in
    ssh-ed25519/68/AAAAC3NzaC1lZDI1NTE5AAAAI*) ;;
    ecdsa-sha2-nistp256/140/AAAAE2VjZHNhLXNoYTItbmlzdHAyNTYAAAAIbmlzdHAyNTYAAABB*) ;;
    ecdsa-sha2-nistp384/184/AAAAE2VjZHNhLXNoYTItbmlzdHAzODQAAAAIbmlzdHAzODQAAABh*) ;;
    ecdsa-sha2-nistp521/232/AAAAE2VjZHNhLXNoYTItbmlzdHA1MjEAAAAIbmlzdHA1MjEAAACF*) ;;
    ssh-rsa/*) problem "$must, but is an RSA key. Make one with ssh-keygen -t ed25519." ;;
    *) problem "$must, but is not whole, or another kind." ;;
  esac
  case ${key_blob#"${key_blob%%=*}"} in '' | = | ==) is_word "${key_blob%%=*}" 'A-Za-z0-9+/' ;; *) false ;; esac || problem "$must, but has other characters than a key has."
  key="$type $key_blob"
}

check_from() {
  if [ -z "$from" ]; then
    problem "--from must be the runner's address, several with commas between them, or the word any."
    return
  fi
  [ "$from" != any ] || return 0
  case ,$from, in *,,*) problem "--from has an empty address." ;; esac
  is_word "$from" '0-9A-Fa-f.:/,' || {
    problem "--from must be IPv4 or IPv6 addresses or ranges, such as 192.0.2.10,198.51.100.0/24."
    return
  }
  IFS=,
  for one in $from; do
    IFS=$WORDS
    [ -z "$one" ] || is_address "$one" ||
      problem "--from has $one, which is not an address, or a range whose address has bits behind its mask."
  done
  IFS=$WORDS
}

is_address() {
  plain=${1%%/*} mask=
  case $1 in */*)
    mask=${1#*/}
    case $mask in '' | *[!0-9]* | 0?* | ????*) return 1 ;; esac
    ;;
  esac
  case $plain in
    *:*)
      case $plain in *:::* | *::*::* | *.*) return 1 ;; *:*:*) ;; *) return 1 ;; esac
      [ ${#plain} -le 39 ] && [ "${mask:-128}" -le 128 ] || return 1
      # sshd takes a range only when its address has no bits behind the mask.
      [ "${mask:-128}" = 128 ] || case $plain in *::) ;; *) return 1 ;; esac
      ;;
    *)
      IFS=.
      # shellcheck disable=SC2086
      set -- $plain
      IFS=$WORDS
      [ $# -eq 4 ] && [ "$plain" = "$1.$2.$3.$4" ] && [ "${mask:-32}" -le 32 ] || return 1
      bits=0
      for octet in "$@"; do
        case $octet in '' | *[!0-9]* | 0?* | ????*) return 1 ;; esac
        [ "$octet" -le 255 ] || return 1
        bits=$((bits * 256 + octet))
      done
      [ $((bits & ((1 << (32 - ${mask:-32})) - 1))) -eq 0 ]
      ;;
  esac
}

# ---------------------------------------------------------------------------------------------- host

check_host() {
  [ "$(id -u)" = 0 ] || problem "It must be run as root."
  for tool in useradd userdel getent setpriv apt-get; do
    command -v $tool >/dev/null || problem "$tool must be there, but is not: this is for Debian and Ubuntu."
  done
  for path in "$RECORD_FOLDER" "$LOG"; do
    [ ! -e "$path" ] && [ ! -h "$path" ] || is_closed "$path" 0 ||
      problem "$path must be owned by root and written by root only."
  done
}

# Whether the account is there; then $uid, $gid and $home too.
find_account() {
  line=$(getent passwd "$user") || return 1
  IFS=:
  # shellcheck disable=SC2086
  set -- $line
  IFS=$WORDS
  uid=$3 gid=$4
  home=$(printf '%s' "$line" | cut -d : -f 6)
  shell=${line##*:}
}

check_account() {
  find_account || {
    case $(getent group "$user") in '') ;; *) problem "There must be no group $user before the account of that name, but there is." ;; esac
    return 0
  }
  case $shell in */nologin | */false | */true) problem "The account $user must have a shell, but has $shell." ;; esac
  [ -d "$home" ] || problem "The account $user must have its home $home, but it is not there."
}

# The server's settings for this account and the first of the addresses, one lower-case word and its value a line.
read_sshd() {
  seen_from=${from%%,*}
  seen_from=${seen_from%%/*}
  [ "$from" != any ] || seen_from=192.0.2.1
  # The server insists on this folder, which its service makes.
  made=no
  [ -d /run/sshd ] || { mkdir -m 755 /run/sshd && made=yes; }
  sshd_settings=$(sshd -T -f "$SSHD_CONFIG" -C "user=$user,host=$host,addr=$seen_from" 2>&1)
  read_well=$?
  [ $made = no ] || rmdir /run/sshd
  [ $read_well = 0 ] || {
    problem "The settings of the SSH server in $SSHD_CONFIG cannot be read: $(printf '%s' "$sshd_settings" | tr '\n' ' ')"
    sshd_settings=
    return
  }
  port=$(setting port | head -n 1)
}

setting() { printf '%s\n' "$sshd_settings" | sed -n "s/^$1 //p"; }

# Whether one of the patterns of a list of names takes the word $2.
in_list() {
  for pattern in $1; do
    # shellcheck disable=SC2254 # they are patterns
    case $2 in ${pattern%%@*}) return 0 ;; esac
  done
  return 1
}

check_sshd() {
  [ "$(setting pubkeyauthentication)" = yes ] || problem "$SSHD_CONFIG must have PubkeyAuthentication yes for $user."
  [ -n "$(setting 'subsystem sftp')" ] || problem "$SSHD_CONFIG must have a Subsystem sftp: the update script is carried by it."
  [ "$(setting forcecommand)" = none ] || problem "$SSHD_CONFIG must have no ForceCommand for $user."
  if [ "$uid" = 0 ]; then
    case $(setting permitrootlogin) in
      no | forced-commands-only) problem "$SSHD_CONFIG must have PermitRootLogin prohibit-password for $user: it is root." ;;
    esac
  fi
  groups=$(id -Gn "$user" 2>/dev/null || echo "$user")
  list=$(setting allowusers)
  [ -z "$list" ] || in_list "$list" "$user" || problem "$SSHD_CONFIG must have $user among its AllowUsers."
  ! in_list "$(setting denyusers)" "$user" || problem "$SSHD_CONFIG must not have $user among its DenyUsers."
  list=$(setting allowgroups) allowed=no
  for group in $groups; do
    ! in_list "$(setting denygroups)" "$group" || problem "$SSHD_CONFIG must not have $group, a group of $user, among its DenyGroups."
    ! in_list "$list" "$group" || allowed=yes
  done
  [ -z "$list" ] || [ $allowed = yes ] || problem "$SSHD_CONFIG must have a group of $user among its AllowGroups."
}

# An address of this machine on which the server listens, and the port.
find_address() {
  listening=$(setting listenaddress | grep -F -e . | head -n 1)
  [ -n "$listening" ] || listening=$(setting listenaddress | head -n 1)
  address=${listening%:*} port=${listening##*:}
  address=${address#[}
  address=${address%]}
  case $address in 0.0.0.0) address=127.0.0.1 ;; ::) address=::1 ;; esac
}

# The host key that the server shows and has, ed25519 before ecdsa: what connection.hostKey must be.
find_host_key() {
  find_address
  shown=$(ssh-keyscan -T 5 -p "$port" -t ed25519,ecdsa "$address" 2>/dev/null | cut -d ' ' -f 2,3)
  host_key=
  for file in $(setting hostkey); do
    line=$(cut -d ' ' -f 1,2 "$file.pub" 2>/dev/null || ssh-keygen -y -P '' -f "$file" 2>/dev/null | cut -d ' ' -f 1,2)
    case $line in
      ssh-ed25519\ * | ecdsa-sha2-nistp*\ *) printf '%s\n' "$shown" | grep -qxF -e "$line" || continue ;;
      *) continue ;;
    esac
    case $host_key/$line in /* | */ssh-ed25519\ *) host_key=$line ;; esac
  done
  [ -n "$host_key" ]
}

check_script_folder() {
  above=${script_folder%/*}
  [ -d "${above:-/}" ] || {
    problem "The folder ${above:-/}, in which $script_folder is made, must be there."
    return
  }
  is_closed "${above:-/}" "${uid:-0}" above || problem "The folder ${above:-/}, above $script_folder, must be written by root only."
  [ -e "$script_folder" ] || [ -h "$script_folder" ] || return 0
  { [ -d "$script_folder" ] && is_closed "$script_folder" "${uid:-0}" && [ "$owner" = "${uid:-none}" ]; } ||
    problem "$script_folder must be a folder that $user owns and nobody else writes. Remove it, or as root: chown $user $script_folder; chmod 700 $script_folder"
}

# The file of the account's keys, as the server's settings name it.
find_keys_file() {
  keys_file=$(setting authorizedkeysfile | cut -d ' ' -f 1)
  keys_file=${keys_file:-.ssh/authorized_keys}
  case $keys_file in *%[!hu]* | none)
    problem "$SSHD_CONFIG must have a file of keys in AuthorizedKeysFile whose name has no other marks than %h and %u."
    return
    ;;
  esac
  case $keys_file in %h*) keys_file=$home${keys_file#%h} ;; /*) ;; *) keys_file=$home/$keys_file ;; esac
  case $keys_file in *%u*) keys_file=${keys_file%%%u*}$user${keys_file#*%u} ;; esac
}

# StrictModes: the server takes no key from a file that others may write, nor from a folder.
check_keys_file() {
  [ -n "$uid" ] || return 0
  folder=${keys_file%/*}
  for path in "$home" "$folder" "$keys_file"; do
    [ ! -e "$path" ] && [ ! -h "$path" ] || is_closed "$path" "$uid" ||
      problem "$path must be owned by $user or root and written by nobody else: the SSH server takes no key from it otherwise."
  done
  [ -f "$keys_file" ] || return 0
  others=$(grep -F -e "$key_blob" "$keys_file" | grep -vxF -e "$key_line" | grep -vxF -e "$(recorded "key $keys_file")")
  [ -z "$others" ] || problem "The key stands in $keys_file already, with other options than $key_options. Remove that line."
}

# ---------------------------------------------------------------------------------------------- steps

install_server() {
  { apt-get update -q && apt-get install -q -y --no-install-recommends openssh-server; } >&2 || return 1
  command -v sshd >/dev/null
}

start_server() {
  if [ -d /run/systemd/system ]; then systemctl enable --now ssh >&2; else service ssh start >&2; fi || return 1
  tries=0
  until find_host_key; do
    tries=$((tries + 1))
    [ "$tries" -lt "$SERVER_SECONDS" ] || return 1
    sleep 1
  done
}

# A star is no password, and unlike the exclamation mark it does not lock the account for a server without PAM.
make_account() {
  useradd --system --user-group --create-home --shell /bin/sh --password '*' --comment "$COMMENT" "$user" >&2 &&
    find_account && chmod 700 "$home"
}

make_script_folder() { mkdir -m 700 "$script_folder" && chown "$uid:$gid" "$script_folder"; }

# The file's text without our former line, whole lines, with $1 behind.
keys_text() {
  if [ -s "$keys_file" ]; then
    as_owner "$folder" cat "$keys_file" | grep -vxF -e "$key_line" | grep -vxF -e "${former:-$key_line}"
  fi
  [ -z "$1" ] || printf '%s\n' "$1"
}

# The server reads the file as the account, so root's own must be open to it.
write_keys() {
  folder=${keys_file%/*}
  text=$(keys_text "$1")
  # shellcheck disable=SC2016 # the inner shell's own
  printf '%s' "${text:+$text$NL}" |
    as_owner "$folder" sh -c '[ "$(id -u)" != 0 ] || umask 022; cat >"$1.next" && mv -fT "$1.next" "$1"' sh "$keys_file"
}

set_key() {
  folder=${keys_file%/*}
  [ -d "$folder" ] || {
    record "key-folder $folder"
    as_owner "${folder%/*}" mkdir -m 700 "$folder" || return 1
  }
  [ -e "$keys_file" ] || record "key-file $keys_file"
  record "key $keys_file $key_line"
  write_keys "$key_line" || return 1
  [ -z "$former" ] || forget "key $keys_file $former"
}

has_ufw() { command -v ufw >/dev/null && ufw status 2>/dev/null | grep -qx 'Status: active'; }

ufw_rule() {
  # shellcheck disable=SC2086 # an address and a port
  set -- $1
  printf 'allow from %s to any port %s proto tcp' "$1" "$2"
}

change_ufw() {
  rule=$(ufw_rule "$2")
  # shellcheck disable=SC2086
  case $1 in
    add) record "ufw $2" && ufw $rule comment keyturn >&2 ;;
    *) ufw delete $rule >&2 && forget "ufw $2" ;;
  esac
}

set_firewall() {
  if ! has_ufw; then
    say "ufw is not active here, so no rule was made: whoever reaches port $port may knock there. The key counts from $from only."
    return
  fi
  wanted=$NL
  [ "$from" = any ] || wanted="$NL$(printf '%s\n' "$from" | tr , '\n' | sed "s/\$/ $port/")$NL"
  IFS=$NL
  for one in $(recorded ufw); do
    IFS=$WORDS
    case $wanted in *"$NL$one$NL"*) ;; *) change "take the rule of ufw away: $(ufw_rule "$one")" change_ufw delete "$one" ;; esac
  done
  IFS=$NL
  for one in $wanted; do
    IFS=$WORDS
    ufw show added 2>/dev/null | grep -qF -e "ufw $(ufw_rule "$one")" ||
      change "add a rule to ufw: $(ufw_rule "$one")" change_ufw add "$one"
    IFS=$NL
  done
  IFS=$WORDS
}

print_connection() {
  shown_host=$host
  case $host in *:*) shown_host="\"$host\"" ;; esac
  printf '      connection:\n        host: %s\n        port: %s\n        user: %s\n        hostKey: %s\n' \
    "$shown_host" "$port" "$user" "${host_key:-<the server is not there yet>}"
  [ "$script_folder" = /var/lib/keyturn ] || printf '      overrides:\n        scriptDirectory: %s\n' "$script_folder"
}

set_up() {
  check_input
  check_host
  refuse_problems
  key_options=restrict
  [ "$from" = any ] || key_options="restrict,from=\"$from\""
  key_line="$key_options $key keyturn"
  check_account
  check_script_folder
  if ! command -v sshd >/dev/null; then
    refuse_problems
    [ $check = yes ] || record "package openssh-server"
    change "install the package openssh-server" install_server
  fi
  if command -v sshd >/dev/null; then
    read_sshd
    refuse_problems
    check_sshd
  fi
  find_keys_file
  check_keys_file
  refuse_problems
  if [ -n "$sshd_settings" ] && ! find_host_key; then
    answers=$(ssh-keyscan -T 5 -p "$port" "$address" 2>/dev/null)
    [ -z "$answers" ] || problem "The SSH server on port $port must show an ed25519 or ecdsa key that $SSHD_CONFIG names. As root: ssh-keygen -A, and restart it."
    refuse_problems
    [ $check = yes ] || is_recorded "package openssh-server" || record "service ssh"
    change "start the SSH server, now and with the host" start_server
  fi
  if [ -z "$uid" ]; then
    [ $check = yes ] || record "account $user"
    change "make the account $user, without a password" make_account
    [ $check = yes ] || find_keys_file
  fi
  if [ ! -e "$script_folder" ]; then
    [ $check = yes ] || record "folder $script_folder"
    change "make the folder $script_folder, closed to all but $user" make_script_folder
  fi
  former=$(recorded "key $keys_file" | head -n 1)
  [ "$former" != "$key_line" ] || former=
  if [ -z "$uid" ] || [ -n "$former" ] || ! grep -qsxF -e "$key_line" "$keys_file"; then
    where=$keys_file
    [ -n "$uid" ] || where="the account's .ssh/authorized_keys"
    change "put the runner's key into $where" set_key
  fi
  set_firewall
  [ $changes = yes ] || say "nothing to do: the host is as wanted."
  [ "$uid" = 0 ] || say "$user updates a service whose file it owns and which its own commands start and stop. A unit of systemd is updated by root: --user root."
  print_connection
}

# ---------------------------------------------------------------------------------------------- undo

undo_key() {
  keys_file=${1%% *} key_line=${1#* } former=
  [ ! -f "$keys_file" ] || write_keys ''
}

undo_account() {
  case $(getent passwd "$1") in
    '') ;;
    *":$COMMENT:"*) userdel --remove "$1" 2>/dev/null || [ -z "$(getent passwd "$1")" ] ;;
    *) say "The account $1 is left: it is not the one that was made." ;;
  esac
}

# Only what updates put there.
undo_folder() {
  [ -d "$1" ] || return 0
  find "$1" -maxdepth 1 -type f -name 'update-????????.sh' -delete
  rmdir "$1" 2>/dev/null || say "$1 is left: there is something else in it."
}

undo_service() {
  if [ -d /run/systemd/system ]; then systemctl disable --now "$1" >&2; else service "$1" stop >&2; fi
}

undo_one() {
  kind=${1%% *} value=${1#* }
  case $kind in
    key) undo_key "$value" ;;
    key-file) [ -s "$value" ] || rm -f "$value" ;;
    key-folder) rmdir "$value" 2>/dev/null || : ;;
    ufw) ! has_ufw || change_ufw delete "$value" ;;
    folder) undo_folder "$value" ;;
    account) undo_account "$value" ;;
    service) undo_service "$value" ;;
    package) apt-get remove -q -y "$value" >&2 ;;
    *) fail "$RECORD has a line that setup.sh does not write: $kind." ;;
  esac
}

undo_all() {
  check_host
  refuse_problems
  if [ ! -s "$RECORD" ]; then
    say "nothing to undo: setup.sh has made nothing here that is not undone."
    return
  fi
  IFS=$NL
  for one in $(tac "$RECORD"); do
    IFS=$WORDS
    change "remove: $one" undo_one "$one"
    [ $check = yes ] || ! is_recorded "$one" || forget "$one"
  done
  IFS=$WORDS
  [ $check = yes ] || rm -rf "$RECORD_FOLDER"
  say "$LOG is left, and all that was there before setup.sh, such as an OpenSSH server."
}

# ---------------------------------------------------------------------------------------------- main

read_arguments "$@"
if [ $undo = yes ]; then undo_all; else set_up; fi
[ $check = no ] || [ $changes = no ] || exit 1
exit 0
