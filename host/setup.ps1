# Keyturn: prepares a Windows host for its updates: OpenSSH's server that runs, an account that is an administrator with a key
# and no password that anybody knows, the key for the runner's addresses only, a rule of the firewall for them, and the
# closed folder of the update script. For Windows PowerShell 5.1 and PowerShell 7, as an administrator. It is written down
# what was made, and -Undo removes just that. docs/host-setup.md says more; setup.sh is its twin for Debian.
#
#   powershell -NoProfile -ExecutionPolicy Bypass -File setup.ps1 -Key "ssh-ed25519 AAAA..." -From 192.0.2.10
#     [-User NAME] [-HostName NAME] [-ScriptDirectory FOLDER] [-WhatIf]
#   powershell -NoProfile -ExecutionPolicy Bypass -File setup.ps1 -Undo [-WhatIf]
#
# Standard output has the `connection:` block for the stack's file and nothing else; all that is said goes to standard error.
# Exit 0: all is as wanted. 1: -WhatIf found something to do. 2: refused, nothing was changed. 3: a step failed, and what was
# done before it stands in the record.
#
# Files are bytes to it, held as Latin-1: 5.1 would write a byte order mark or UTF-16, and the SSH server takes no key from
# such a file. ASCII only: 5.1 reads a script without a mark in the code page of the machine.

[CmdletBinding(SupportsShouldProcess = $true)]
param(
  [string]$Key = '',
  [string]$From = '',
  [string]$User = 'svc-keyturn',
  [string]$HostName = '',
  [string]$ScriptDirectory = '',
  [switch]$Undo
)

Set-StrictMode -Version 2
$ErrorActionPreference = 'Stop'
$ProgressPreference = 'SilentlyContinue'
$WarningPreference = 'SilentlyContinue'
$PSNativeCommandUseErrorActionPreference = $false

$script:Latin = [Text.Encoding]::GetEncoding(28591)
$script:Data = [Environment]::GetEnvironmentVariable('ProgramData')
$script:Ssh = [IO.Path]::Combine($script:Data, 'ssh')
$script:KeysFile = [IO.Path]::Combine($script:Ssh, 'administrators_authorized_keys')
$script:Config = [IO.Path]::Combine($script:Ssh, 'sshd_config')
$script:OwnFolder = [IO.Path]::Combine($script:Data, 'KeyturnSetup')
$script:Record = [IO.Path]::Combine($script:OwnFolder, 'made')
$script:LogFile = [IO.Path]::Combine($script:OwnFolder, 'setup.log')
$script:DefaultFolder = [IO.Path]::Combine($script:Data, 'Keyturn')
$script:Capability = 'OpenSSH.Server~~~~0.0.1.0'
$script:OwnRule = 'Keyturn-SSH'
$script:ServersRule = 'OpenSSH-Server-In-TCP'
$script:Description = 'Keyturn, made by setup.ps1'
$script:BlockBegin = '# keyturn setup: begin'
$script:BlockEnd = '# keyturn setup: end'
# By number, since Windows calls them in its own language.
$script:Administrators = 'S-1-5-32-544'
$script:System = 'S-1-5-18'
$script:ServerSeconds = 30
$script:Problems = New-Object Collections.ArrayList
$script:Changes = $false
$script:KeyBlob = ''
$script:Port = 22

# ---------------------------------------------------------------------------------------------- small things

function Write-Said([string]$Text) { [Console]::Error.WriteLine('keyturn: ' + $Text) }

function Add-Problem([string]$Text) { [void]$script:Problems.Add($Text) }

# Everything that is wrong, at once; nothing was changed.
function Stop-AtProblems {
  if ($script:Problems.Count -eq 0) { return }
  [Console]::Error.WriteLine('keyturn: refused, and nothing was changed:')
  foreach ($each in $script:Problems) { [Console]::Error.WriteLine('  ' + $each) }
  exit 2
}

function Stop-Failed([string]$Text) {
  Write-Said $Text
  if ([IO.File]::Exists($script:Record)) { Write-Said ('What was done before stands in ' + $script:Record + ', and -Undo removes it.') }
  exit 3
}

function Read-Text([string]$Path) {
  if (-not [IO.File]::Exists($Path)) { return '' }
  return $script:Latin.GetString([IO.File]::ReadAllBytes($Path))
}

# Beside, then over: a reader sees the former file or the new one. What is there keeps its access list.
function Write-Text([string]$Path, [string]$Text) {
  $beside = $Path + '.keyturn'
  [IO.File]::WriteAllBytes($beside, $script:Latin.GetBytes($Text))
  if ([IO.File]::Exists($Path)) { [IO.File]::Replace($beside, $Path, [NullString]::Value) } else { [IO.File]::Move($beside, $Path) }
}

# The lines of a text without their ends; call it inside @( ).
function Get-Lines([string]$Text) {
  foreach ($line in $Text.Split([char]10)) { $line.TrimEnd([char]13) }
}

# A program of Windows, bounded by itself; its output is for the error only.
function Invoke-Program([string]$Program, [string[]]$Words) {
  $ErrorActionPreference = 'Continue'
  $said = & $Program @Words 2>&1
  if ($LASTEXITCODE -ne 0) { throw ($Program + ' ended with ' + $LASTEXITCODE + ': ' + [string]::Join(' ', @($said))) }
}

# ---------------------------------------------------------------------------------------------- record

function Get-Record { Get-Lines (Read-Text $script:Record) | Where-Object { $_.Length -gt 0 } }

# The values of one kind in the record, one object each; call it inside @( ).
function Get-Recorded([string]$Kind) {
  foreach ($line in @(Get-Record)) {
    if ($line.StartsWith($Kind + ' ', [StringComparison]::Ordinal)) { $line.Substring($Kind.Length + 1) }
  }
}

function Write-Record([string[]]$Lines) {
  Write-Text $script:Record ([string]::Join('', @($Lines | ForEach-Object { $_ + "`n" })))
}

# What is made is written down before it is made, so that nothing is made and not known.
function Add-Record([string]$Line) {
  Initialize-OwnFolder
  $lines = @(Get-Record)
  if ($lines -ccontains $Line) { return }
  Write-Record ($lines + $Line)
}

function Remove-Record([string]$Line) { Write-Record @(@(Get-Record) | Where-Object { $_ -cne $Line }) }

function Initialize-OwnFolder {
  if ([IO.Directory]::Exists($script:OwnFolder) -and (Test-Closed $script:OwnFolder)) { return }
  [void][IO.Directory]::CreateDirectory($script:OwnFolder)
  Close-Place $script:OwnFolder '(OI)(CI)F'
}

function Write-Log([string]$Text) {
  Initialize-OwnFolder
  $time = [DateTime]::UtcNow.ToString('yyyy-MM-ddTHH:mm:ssZ', [Globalization.CultureInfo]::InvariantCulture)
  [IO.File]::AppendAllText($script:LogFile, $time + ' ' + $Text + "`n", $script:Latin)
}

# A change: with -WhatIf it is told and not made.
function Invoke-Change([string]$Sentence, [scriptblock]$Action) {
  $script:Changes = $true
  if ($WhatIfPreference) {
    Write-Said ('would: ' + $Sentence)
    return
  }
  try {
    [void](& $Action)
  } catch {
    Write-Log ('failed: ' + $Sentence)
    Stop-Failed ('It was not possible to ' + $Sentence + ': ' + $_.Exception.Message)
  }
  Write-Log ('did: ' + $Sentence)
  Write-Said ('did: ' + $Sentence)
}

# ---------------------------------------------------------------------------------------------- access lists

# Whether nobody but SYSTEM and Administrators has any access, and nothing is inherited: what the SSH server asks of
# administrators' keys, and the update script of its folder.
function Test-Closed([string]$Path) {
  $sddl = [string](Get-Acl -LiteralPath $Path).Sddl
  $match = [regex]::Match($sddl, '^O:(BA|SY)G:\S+?D:([A-Z]*)((?:\([^)]*\))+)')
  if (-not $match.Success -or -not $match.Groups[2].Value.Contains('P')) { return $false }
  foreach ($entry in [regex]::Matches($match.Groups[3].Value, '\(([^)]*)\)')) {
    $parts = $entry.Groups[1].Value.Split(';')
    if ($parts[0] -ceq 'A' -and $parts[5] -cne 'BA' -and $parts[5] -cne 'SY') { return $false }
  }
  return $true
}

# Entries of others go with /reset, inherited ones with /inheritance:r.
function Close-Place([string]$Path, [string]$Right) {
  Invoke-Program 'icacls.exe' @($Path, '/reset', '/q')
  Invoke-Program 'icacls.exe' @($Path, '/setowner', ('*' + $script:Administrators), '/q')
  Invoke-Program 'icacls.exe' @($Path, '/inheritance:r', '/grant:r', ('*' + $script:System + ':' + $Right), ('*' + $script:Administrators + ':' + $Right), '/q')
}

# ---------------------------------------------------------------------------------------------- input

function Confirm-Input {
  Confirm-Key
  Confirm-From
  if (-not [regex]::IsMatch($User, '\A[A-Za-z][A-Za-z0-9_-]{0,19}\z')) {
    Add-Problem '-User must be 1 to 20 letters, digits, _ and -, and begin with a letter.'
  }
  if ($HostName.Length -eq 0) { $script:HostName = [Net.Dns]::GetHostName() }
  if (-not [regex]::IsMatch($HostName, '\A[A-Za-z0-9.:-]{1,253}\z')) {
    Add-Problem "-HostName must be the host's name or address: letters, digits, dots, colons and hyphens."
  }
  if ($ScriptDirectory.Length -eq 0) { $script:ScriptDirectory = $script:DefaultFolder }
  # The update's command line has no quotes, so the path has nothing that needs them.
  if (-not [regex]::IsMatch($ScriptDirectory, '\A([A-Za-z]:)?([\\/](?!\.{1,2}(?:[\\/]|\z))[A-Za-z0-9._-]+)+\z')) {
    Add-Problem "-ScriptDirectory must be an absolute path of letters, digits, '.', '_' and '-', without '..' or a slash at its end."
  }
}

# Type and length of what the command plugin signs with.
function Confirm-Key {
  $must = '-Key must be the public key of the runner, one line as in id_ed25519.pub, of the type ssh-ed25519 or ecdsa-sha2-nistp256, 384 or 521'
  if ($Key.Length -eq 0) { return Add-Problem ($must + '.') }
  if ($Key.Contains('PRIVATE')) {
    return Add-Problem ($must + ', but is a private key. Whoever could see this command line has it now: make another one.')
  }
  $words = $Key.Trim().Split(' ')
  if ($words[0] -ceq 'ssh-rsa') { return Add-Problem ($must + ', but is an RSA key. Make one with ssh-keygen -t ed25519.') }
  $forms = @{
    'ssh-ed25519'         = 'AAAAC3NzaC1lZDI1NTE5AAAAI[A-Za-z0-9+/]{43}'
    'ecdsa-sha2-nistp256' = 'AAAAE2VjZHNhLXNoYTItbmlzdHAyNTYAAAAIbmlzdHAyNTYAAABB[A-Za-z0-9+/]{87}='
    'ecdsa-sha2-nistp384' = 'AAAAE2VjZHNhLXNoYTItbmlzdHAzODQAAAAIbmlzdHAzODQAAABh[A-Za-z0-9+/]{130}=='
    'ecdsa-sha2-nistp521' = 'AAAAE2VjZHNhLXNoYTItbmlzdHA1MjEAAAAIbmlzdHA1MjEAAACF[A-Za-z0-9+/]{179}='
  }
  if ($words.Count -lt 2 -or $Key.Contains("`n") -or -not $forms.ContainsKey($words[0]) -or
    -not [regex]::IsMatch($words[1], '\A' + $forms[$words[0]] + '\z')) {
    return Add-Problem ($must + ', but is not whole, or another kind.')
  }
  $script:KeyBlob = $words[1]
  $script:Key = $words[0] + ' ' + $words[1]
}

function Confirm-From {
  if ($From.Length -eq 0) {
    return Add-Problem "-From must be the runner's address, several with commas between them, or the word any."
  }
  if ($From -ceq 'any') { return }
  foreach ($one in $From.Split(',')) {
    if (-not (Test-Address $one)) {
      Add-Problem ("-From has '" + [regex]::Replace($one, '[^A-Za-z0-9.:/ _-]', '?') + "', which is not an address, or a range whose address has bits behind its mask.")
    }
  }
}

# An IPv4 or IPv6 address, or a range of which the SSH server takes the address: no bits behind the mask.
function Test-Address([string]$Text) {
  $match = [regex]::Match($Text, '\A([0-9A-Fa-f.:]+)(?:/(0|[1-9][0-9]{0,2}))?\z')
  if (-not $match.Success) { return $false }
  $plain = $match.Groups[1].Value
  $address = $null
  if (-not [Net.IPAddress]::TryParse($plain, [ref]$address)) { return $false }
  $bytes = $address.GetAddressBytes()
  if ($bytes.Count -eq 4 -and -not [regex]::IsMatch($plain, '\A(0|[1-9][0-9]{0,2})(\.(0|[1-9][0-9]{0,2})){3}\z')) { return $false }
  $mask = 8 * $bytes.Count
  if ($match.Groups[2].Success) { $mask = [int]$match.Groups[2].Value }
  if ($mask -gt 8 * $bytes.Count) { return $false }
  for ($bit = $mask; $bit -lt 8 * $bytes.Count; $bit++) {
    if (($bytes[[Math]::Floor($bit / 8)] -band (128 -shr ($bit % 8))) -ne 0) { return $false }
  }
  return $true
}

# ---------------------------------------------------------------------------------------------- host

function Confirm-Elevated {
  $groups = [string]::Join(' ', @(& whoami.exe '/groups'))
  if (-not [regex]::IsMatch($groups, 'S-1-16-(12288|16384)')) { Add-Problem 'It must be run as an administrator, in an elevated window.' }
}

function Find-Account { return Get-LocalUser | Where-Object { $_.Name -ieq $User } | Select-Object -First 1 }

# By its description too: a run that was broken off behind the account's making has recorded nothing.
function Test-Made($Account) {
  return (@(Get-Recorded 'account') -ccontains (Get-AccountLine $Account)) -or ([string]$Account.Description -ceq $script:Description)
}

# Name and number, so that another account of that name is not taken for it.
function Get-AccountLine($Account) { return [string]$Account.Name + ' ' + [string]$Account.SID }

function Test-Administrator {
  return $null -ne (Get-LocalGroupMember -SID $script:Administrators -Member $User -ErrorAction SilentlyContinue)
}

# What the SSH server cannot read: it takes no key from such a file, and says nothing.
function Confirm-Encoding([string]$Path) {
  $text = Read-Text $Path
  $mark = ''
  if ($text.Contains([string][char]0)) { $mark = 'UTF-16' }
  elseif ($text.StartsWith([string][char]0xEF + [char]0xBB + [char]0xBF, [StringComparison]::Ordinal)) { $mark = 'UTF-8 with a byte order mark' }
  if ($mark.Length -gt 0) {
    Add-Problem ($Path + ' must be plain ASCII or UTF-8, but is ' + $mark + ': the SSH server takes nothing from it. Save it anew, after a look at whose keys come to life by that: [IO.File]::WriteAllText("' + $Path + '", [IO.File]::ReadAllText("' + $Path + '"))')
  }
}

# The lines of sshd_config that count, in lower case.
function Get-Settings {
  foreach ($line in @(Get-Lines (Read-Text $script:Config))) {
    $plain = $line.Trim().ToLowerInvariant()
    if ($plain.Length -gt 0 -and -not $plain.StartsWith('#', [StringComparison]::Ordinal)) { $plain }
  }
}

function Confirm-Config {
  Confirm-Encoding $script:Config
  $settings = @(Get-Settings)
  foreach ($line in $settings) {
    if ([regex]::IsMatch($line, '^match\s')) { break }
    $match = [regex]::Match($line, '^port\s+([0-9]+)$')
    if ($match.Success) {
      $script:Port = [int]$match.Groups[1].Value
      break
    }
  }
  foreach ($line in $settings) {
    if ([regex]::IsMatch($line, '^pubkeyauthentication\s+no\b')) { Add-Problem ($script:Config + ' must not have PubkeyAuthentication no.') }
    if ([regex]::IsMatch($line, '^(allow|deny)(users|groups)\s')) {
      Write-Said ('See that this line of ' + $script:Config + ' lets ' + $User + ' in: ' + $line)
    }
  }
  $has = @($settings | Where-Object { [regex]::IsMatch($_, '^authorizedkeysfile\s.*administrators_authorized_keys') }).Count -gt 0
  $account = Find-Account
  if ([IO.File]::Exists($script:Config) -and -not $has -and $null -ne $account -and -not (Test-Made $account)) {
    Add-Problem ($script:Config + ' must have the lines "Match Group administrators" and "AuthorizedKeysFile __PROGRAMDATA__/ssh/administrators_authorized_keys", as it came.')
  }
}

# What runs the update's command line: cmd.exe, and both PowerShells, read it alike.
function Confirm-DefaultShell {
  $found = Get-ItemProperty -LiteralPath 'HKLM:\SOFTWARE\OpenSSH' -ErrorAction SilentlyContinue
  if ($null -eq $found -or $null -eq $found.PSObject.Properties['DefaultShell']) { return }
  $shell = [string]$found.DefaultShell
  if (-not [regex]::IsMatch($shell, '(\A|[\\/])(cmd|powershell|pwsh)\.exe\z', [Text.RegularExpressions.RegexOptions]::IgnoreCase)) {
    Add-Problem ('HKLM:\SOFTWARE\OpenSSH DefaultShell must be cmd.exe, powershell.exe or pwsh.exe, or not be there, but is ' + $shell + '.')
  } elseif (-not [IO.File]::Exists($shell)) {
    Add-Problem ('HKLM:\SOFTWARE\OpenSSH DefaultShell must be a program that is there, but is ' + $shell + ': the SSH server lets nobody in without it.')
  }
}

function Confirm-Host {
  $account = Find-Account
  if ($null -ne $account -and -not (Test-Made $account) -and -not (Test-Administrator)) {
    Add-Problem ('The account ' + $User + ' must be an administrator, as who stops a service and starts a task is, but is not one. Make it one, or name another with -User.')
  }
  Confirm-Encoding $script:KeysFile
  Confirm-Config
  Confirm-DefaultShell
  foreach ($line in @(Get-Lines (Read-Text $script:KeysFile))) {
    if ($script:KeyBlob.Length -gt 0 -and $line.Contains($script:KeyBlob) -and $line -cne $script:KeyLine -and -not (@(Get-Recorded 'key') -ccontains $line)) {
      Add-Problem ('The key stands in ' + $script:KeysFile + ' already, with other options than ' + $script:KeyOptions + '. Remove that line.')
    }
  }
  if ([IO.File]::Exists($ScriptDirectory)) { Add-Problem ($ScriptDirectory + ' must be a folder, but is a file.') }
  # Anybody may make a folder in ProgramData; what is in one that was open is anybody's.
  foreach ($folder in @($ScriptDirectory, $script:OwnFolder)) {
    if ([IO.Directory]::Exists($folder) -and [IO.Directory]::GetFileSystemEntries($folder).Count -gt 0 -and -not (Test-Closed $folder)) {
      Add-Problem ($folder + ' must be empty or closed to all but Administrators and SYSTEM, but is neither. Look at what is in it, and remove it.')
    }
  }
}

# ---------------------------------------------------------------------------------------------- steps

function Get-Server { return Get-Service -Name 'sshd' -ErrorAction SilentlyContinue | Select-Object -First 1 }

function Set-Server {
  if ($null -eq (Get-Server)) {
    Invoke-Change 'install the OpenSSH server of Windows' {
      Add-Record ('capability ' + $script:Capability)
      try {
        [void](Add-WindowsCapability -Online -Name $script:Capability)
      } catch {
        if (-not $_.Exception.Message.Contains('0x800f09')) { throw }
        throw ($_.Exception.Message + ' Windows Update does not give it, as where updates come from a WSUS. Install OpenSSH from the Features on Demand image (Add-WindowsCapability -Source) or by its MSI, and run this again.')
      }
    }
  }
  $service = Get-Server
  $installed = @(Get-Recorded 'capability').Count -gt 0
  if ($null -eq $service -or [string]$service.StartType -cne 'Automatic' -or [string]$service.Status -cne 'Running') {
    Invoke-Change 'start the SSH server, now and with the host' {
      if (-not $installed) { Add-Record ('service sshd ' + [string]$service.StartType + ' ' + [string]$service.Status) }
      Set-Service -Name 'sshd' -StartupType Automatic
      Start-Service -Name 'sshd'
      Wait-HostKey
    }
  }
}

function Wait-HostKey {
  $until = [DateTime]::UtcNow.AddSeconds($script:ServerSeconds)
  while ((Get-HostKey).Length -eq 0) {
    if ([DateTime]::UtcNow -gt $until) { throw ('the server has no ed25519 or ecdsa key in ' + $script:Ssh) }
    Start-Sleep -Milliseconds 200
  }
}

# ed25519 before ecdsa; RSA is refused by the config.
function Get-HostKey {
  foreach ($name in @('ssh_host_ed25519_key.pub', 'ssh_host_ecdsa_key.pub')) {
    $match = [regex]::Match((Read-Text ([IO.Path]::Combine($script:Ssh, $name))), '\A((ssh-ed25519|ecdsa-sha2-nistp[0-9]{3}) [A-Za-z0-9+/=]+)')
    if ($match.Success) { return $match.Groups[1].Value }
  }
  return ''
}

# Windows insists on a password: one that nobody is told, gone with this process.
function New-UnknownPassword {
  $bytes = New-Object byte[] 40
  $random = [Security.Cryptography.RandomNumberGenerator]::Create()
  $random.GetBytes($bytes)
  $random.Dispose()
  $secure = New-Object Security.SecureString
  foreach ($character in ('aA1-' + [Convert]::ToBase64String($bytes)).ToCharArray()) { $secure.AppendChar($character) }
  return $secure
}

function Set-Account {
  $account = Find-Account
  if ($null -eq $account) {
    Invoke-Change ('make the account ' + $User + ', with a password that nobody knows') {
      $made = New-LocalUser -Name $User -Password (New-UnknownPassword) -PasswordNeverExpires -UserMayNotChangePassword -Description $script:Description
      Add-Record ('account ' + (Get-AccountLine $made))
    }
  } elseif ((Test-Made $account) -and -not (@(Get-Recorded 'account') -ccontains (Get-AccountLine $account))) {
    Invoke-Change ('write down the account ' + $User + ', which an earlier run has made') { Add-Record ('account ' + (Get-AccountLine $account)) }
  }
  $account = Find-Account
  if ($null -eq $account -or ((Test-Made $account) -and -not (Test-Administrator))) {
    Invoke-Change ('make ' + $User + ' an administrator') { Add-LocalGroupMember -SID $script:Administrators -Member $User }
  }
}

function Set-ScriptFolder {
  if ([IO.Directory]::Exists($ScriptDirectory) -and (Test-Closed $ScriptDirectory)) { return }
  Invoke-Change ('make the folder ' + $ScriptDirectory + ', closed to all but Administrators and SYSTEM') {
    if (-not [IO.Directory]::Exists($ScriptDirectory)) { Add-Record ('folder ' + $ScriptDirectory) }
    [void][IO.Directory]::CreateDirectory($ScriptDirectory)
    Close-Place $ScriptDirectory '(OI)(CI)F'
  }
}

# The text with one more line, at the end; a last line without an end gets one, and all others stay byte for byte.
function Join-Line([string]$Text, [string]$Line) {
  $end = "`n"
  if ($Text.Contains("`r`n")) { $end = "`r`n" }
  if ($Text.Length -gt 0 -and -not $Text.EndsWith("`n", [StringComparison]::Ordinal)) { $Text += $end }
  return $Text + $Line.Replace("`n", $end) + $end
}

# The text without a whole line.
function Split-Line([string]$Text, [string]$Line) {
  return [regex]::Replace($Text, '(?m)^' + [regex]::Escape($Line) + '\r?(\n|\z)', '')
}

function Set-Key {
  $text = Read-Text $script:KeysFile
  $former = @(@(Get-Recorded 'key') | Where-Object { $_ -cne $script:KeyLine })
  if ($former.Count -gt 0 -or -not (@(Get-Lines $text) -ccontains $script:KeyLine)) {
    Invoke-Change ("put the runner's key into " + $script:KeysFile) {
      if (-not [IO.File]::Exists($script:KeysFile)) { Add-Record ('key-file ' + $script:KeysFile) }
      Add-Record ('key ' + $script:KeyLine)
      foreach ($line in $former + $script:KeyLine) { $text = Split-Line $text $line }
      Write-Text $script:KeysFile (Join-Line $text $script:KeyLine)
      foreach ($line in $former) { Remove-Record ('key ' + $line) }
    }
  }
  if (-not [IO.File]::Exists($script:KeysFile) -or -not (Test-Closed $script:KeysFile)) {
    Invoke-Change ('close ' + $script:KeysFile + ' to all but Administrators and SYSTEM') { Close-Place $script:KeysFile 'F' }
  }
}

# A password is refused by the server too, and the keys are looked for where they are.
function Get-Block {
  return [string]::Join("`n", @(
      $script:BlockBegin,
      ('Match User ' + $User.ToLowerInvariant()),
      '  PubkeyAuthentication yes',
      '  AuthenticationMethods publickey',
      '  PasswordAuthentication no',
      '  AuthorizedKeysFile __PROGRAMDATA__/ssh/administrators_authorized_keys',
      $script:BlockEnd))
}

function Remove-Block([string]$Text) {
  return [regex]::Replace($Text, '(?ms)^' + [regex]::Escape($script:BlockBegin) + '.*?^' + [regex]::Escape($script:BlockEnd) + '\r?(\n|\z)', '')
}

function Get-ServerProgram {
  foreach ($folder in @([Environment]::GetEnvironmentVariable('SystemRoot'), [Environment]::GetEnvironmentVariable('ProgramFiles'))) {
    foreach ($part in @('System32', '')) {
      $path = [IO.Path]::Combine($folder, $part, 'OpenSSH', 'sshd.exe')
      if ([IO.File]::Exists($path)) { return $path }
    }
  }
  throw 'sshd.exe is not where Windows or its MSI puts it'
}

# The server reads its settings when it starts only; so the need of it is written down before they change.
function Write-Config([string]$Text) {
  $stood = Read-Text $script:Config
  Add-Record 'restart sshd'
  Write-Text $script:Config $Text
  try {
    if ($null -ne (Get-Server)) { Invoke-Program (Get-ServerProgram) @('-t') }
  } catch {
    Write-Text $script:Config $stood
    Remove-Record 'restart sshd'
    throw
  }
}

function Set-Config {
  $account = Find-Account
  if ($null -ne $account -and -not (Test-Made $account)) {
    Write-Said ($User + ' was there before: how else it may sign in, by password too, is left as it is.')
  } else {
    $text = Read-Text $script:Config
    $wanted = Join-Line (Remove-Block $text) (Get-Block)
    if ($text -cne $wanted) {
      Invoke-Change ('let ' + $User + ' in by key only, in ' + $script:Config) {
        Add-Record 'config'
        Write-Config $wanted
      }
    }
  }
  if (@(Get-Recorded 'restart').Count -gt 0) {
    Invoke-Change 'restart the SSH server' {
      Restart-Service -Name 'sshd'
      Remove-Record 'restart sshd'
    }
  }
}

function Set-Firewall {
  $remote = 'Any'
  if ($From -cne 'any') { $remote = $From.Split(',') }
  $wanted = 'firewall ' + $script:Port + ' ' + $From
  $there = Get-NetFirewallRule -Name $script:OwnRule -ErrorAction SilentlyContinue
  if ($null -eq $there -or -not (@(Get-Record) -ccontains $wanted)) {
    # Every profile: the server's own rule is for private networks only on some versions of Windows.
    Invoke-Change ('open port ' + $script:Port + ' of the firewall for ' + $From) {
      foreach ($former in @(Get-Recorded 'firewall')) { Remove-Record ('firewall ' + $former) }
      Add-Record $wanted
      if ($null -ne $there) { Remove-NetFirewallRule -Name $script:OwnRule }
      [void](New-NetFirewallRule -Name $script:OwnRule -DisplayName 'Keyturn: SSH from its runner' -Direction Inbound -Protocol TCP -LocalPort $script:Port -Action Allow -Profile Any -RemoteAddress $remote)
    }
  }
  $servers = Get-NetFirewallRule -Name $script:ServersRule -ErrorAction SilentlyContinue
  if ($From -ceq 'any' -or $null -eq $servers -or [string]$servers.Enabled -cne 'True') { return }
  if (@(Get-Recorded 'capability').Count -eq 0) {
    Write-Said ('The rule ' + $script:ServersRule + ' of the firewall was there before and lets others reach port 22 too. It is left; the key counts from ' + $From + ' only.')
    return
  }
  Invoke-Change ('disable the rule ' + $script:ServersRule + ', by which everybody could reach the server') {
    Add-Record ('rule ' + $script:ServersRule)
    Disable-NetFirewallRule -Name $script:ServersRule
  }
}

function Write-Connection {
  $shown = $HostName
  if ($shown.Contains(':')) { $shown = '"' + $shown + '"' }
  $hostKey = Get-HostKey
  if ($hostKey.Length -eq 0) { $hostKey = '<the server is not there yet>' }
  $lines = @('      connection:', ('        host: ' + $shown), ('        port: ' + $script:Port), ('        user: ' + $User), ('        hostKey: ' + $hostKey))
  if ($ScriptDirectory -cne $script:DefaultFolder) {
    $lines += '      overrides:'
    $lines += ('        scriptDirectory: ' + $ScriptDirectory.Replace('\', '/'))
  }
  foreach ($line in $lines) { [Console]::Out.Write($line + "`n") }
}

function Invoke-Setup {
  Confirm-Elevated
  Confirm-Input
  Stop-AtProblems
  $script:KeyOptions = 'restrict'
  if ($From -cne 'any') { $script:KeyOptions = 'restrict,from="' + $From + '"' }
  $script:KeyLine = $script:KeyOptions + ' ' + $Key + ' keyturn'
  Confirm-Host
  Stop-AtProblems
  Set-Server
  Set-Account
  Set-ScriptFolder
  Set-Key
  Set-Config
  Set-Firewall
  if (-not $script:Changes) { Write-Said 'nothing to do: the host is as wanted.' }
  Write-Connection
}

# ---------------------------------------------------------------------------------------------- undo

function Undo-Key([string]$Line) {
  if ([IO.File]::Exists($script:KeysFile)) { Write-Text $script:KeysFile (Split-Line (Read-Text $script:KeysFile) $Line) }
}

function Undo-Account([string]$Value) {
  $name, $sid = $Value.Split(' ')
  $account = Get-LocalUser | Where-Object { $_.Name -ceq $name } | Select-Object -First 1
  if ($null -eq $account) { return }
  if ([string]$account.SID -cne $sid) { return Write-Said ('The account ' + $name + ' is left: it is not the one that was made.') }
  Remove-LocalUser -Name $name
  Get-CimInstance -ClassName Win32_UserProfile | Where-Object { $_.SID -ceq $sid } | Remove-CimInstance
}

# Only what updates put there.
function Undo-Folder([string]$Path) {
  if (-not [IO.Directory]::Exists($Path)) { return }
  foreach ($file in [IO.Directory]::GetFiles($Path)) {
    if ([regex]::IsMatch([IO.Path]::GetFileName($file), '\Aupdate-[0-9a-f]{8}\.ps1\z')) { [IO.File]::Delete($file) }
  }
  if ([IO.Directory]::GetFileSystemEntries($Path).Count -gt 0) { return Write-Said ($Path + ' is left: there is something else in it.') }
  [IO.Directory]::Delete($Path)
}

function Undo-Service([string]$Value) {
  $name, $startType, $status = $Value.Split(' ')
  Set-Service -Name $name -StartupType $startType
  if ($status -cne 'Running') { Stop-Service -Name $name }
}

function Undo-One([string]$Line) {
  $kind, $value = $Line.Split([char[]]@(' '), 2)
  switch ($kind) {
    'key' { Undo-Key $value }
    'key-file' { if ([IO.File]::Exists($value) -and (Read-Text $value).Trim().Length -eq 0) { [IO.File]::Delete($value) } }
    'account' { Undo-Account $value }
    'folder' { Undo-Folder $value }
    'config' { Write-Config (Remove-Block (Read-Text $script:Config)) }
    'restart' { if ([string](Get-Server | ForEach-Object { $_.Status }) -ceq 'Running') { Restart-Service -Name 'sshd' } }
    'firewall' { if ($null -ne (Get-NetFirewallRule -Name $script:OwnRule -ErrorAction SilentlyContinue)) { Remove-NetFirewallRule -Name $script:OwnRule } }
    'rule' { if ($null -ne (Get-NetFirewallRule -Name $value -ErrorAction SilentlyContinue)) { Enable-NetFirewallRule -Name $value } }
    'service' { Undo-Service $value }
    'capability' { [void](Remove-WindowsCapability -Online -Name $value) }
    default { throw ('the record has a line that setup.ps1 does not write: ' + $kind) }
  }
}

function Invoke-Undo {
  Confirm-Elevated
  if ([IO.File]::Exists($script:Record) -and -not (Test-Closed $script:OwnFolder)) {
    Add-Problem ($script:OwnFolder + ' must be closed to all but Administrators and SYSTEM, but is not: what it says may be anybody''s.')
  }
  Stop-AtProblems
  if (@(Get-Record).Count -eq 0) {
    Write-Said 'nothing to undo: setup.ps1 has made nothing here that is not undone.'
    return
  }
  # Newest first; a removal may ask for a restart of the server, which then comes last.
  while ($true) {
    $lines = @(@(Get-Record) | Where-Object { $_ -cne 'restart sshd' })
    if ($WhatIfPreference) { [array]::Reverse($lines) } elseif ($lines.Count -gt 0) { $lines = @($lines[-1]) } else { $lines = @(@(Get-Record) | Select-Object -Last 1) }
    if ($lines.Count -eq 0) { break }
    foreach ($line in $lines) {
      Invoke-Change ('remove: ' + $line) {
        Undo-One $line
        Remove-Record $line
      }
    }
    if ($WhatIfPreference) { return }
  }
  [IO.File]::Delete($script:Record)
  Write-Said ($script:LogFile + ' is left, the access list of administrators_authorized_keys too, and all that was there before setup.ps1, such as an OpenSSH server.')
}

# ---------------------------------------------------------------------------------------------- main

$script:KeyOptions = ''
$script:KeyLine = ''
if ($Undo) { Invoke-Undo } else { Invoke-Setup }
if ($WhatIfPreference -and $script:Changes) { exit 1 }
exit 0
