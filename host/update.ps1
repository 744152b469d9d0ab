# Keyturn's host update, host/CONTRACT.md version 1, in PowerShell for Windows PowerShell 5.1 and PowerShell 7: gives a
# service its new secret inside its safe window, proves it, or puts everything back. update.sh is its twin: same
# functions, same order.
#
# 5.1 and 7 differ, so this script keeps to what both take alike:
# - No Set-Content, Out-File, Get-Content or redirection (5.1 writes a BOM or UTF-16): bytes by .NET streams.
# - No ConvertTo-Json, ConvertFrom-Json (other escapes, depths and dates): the input has no JSON, the report is written here.
# - None of the operators that only 7 has (pipeline chains, ternary, null-coalescing), no classes.
# - The automatic variables for the platform and for piped-in objects are not used: 5.1 lacks the first, and the second would
#   make PowerShell itself read standard input, as text.
# - No comparison of unknown text by operators (they compare by culture, so that a soft hyphen counts for nothing): ordinal ones.
# - No cmdlet is ever given a secret (module logging writes parameters down): only .NET methods. No secret is on a command
#   line, in the environment, or in an error: a message of an exception is never passed on, but for the Task Scheduler's, which
#   knows none.
# - An exception in a property (not a method) is swallowed by PowerShell and reads as null: such properties are checked for it.
# - Text that must stay what it is, byte by byte (file, secrets, trace), is held as Latin-1: one character a byte.
# ASCII only: 5.1 reads a file without a BOM in the code page of the machine.

Set-StrictMode -Version 2
$ErrorActionPreference = 'Stop'
$ProgressPreference = 'SilentlyContinue'
# A warning goes to standard output, which is the report's.
$WarningPreference = 'SilentlyContinue'
$PSNativeCommandUseErrorActionPreference = $false

$script:Contract = 'keyturn-update/1'
$script:JournalHead = 'keyturn-journal/1'
$script:SecretFields = @('content', 'before', 'after', 'value')
$script:PlainFields = @(
  'consumer', 'epoch', 'keyId', 'revision', 'attempt', 'retry', 'exitZeroFor', 'writer', 'formerWriters',
  'serviceManager', 'service', 'startCommand', 'stopCommand', 'statusCommand', 'filePath', 'fileMode', 'window', 'traceDirectory', 'tracePattern',
  'tracePrefix', 'traceSuffix', 'traceInstances', 'failurePatterns', 'successPatterns', 'windowDaily', 'marginSeconds', 'patienceSeconds',
  'stopTimeoutSeconds', 'startTimeoutSeconds', 'proofReencrypted', 'proofSyncLine', 'settleSeconds',
  'proofTimeoutSeconds', 'deadlineSeconds', 'deadManSeconds'
)
# One that is not there is empty.
$script:OptionalFields = @('successPatterns')
$script:InputSeconds = 60
$script:InputBytes = 8388608
$script:ArmSeconds = 30
$script:StatusSeconds = 15
$script:ToolSeconds = 120
$script:StartAgainSeconds = 1
$script:StartAgainMostSeconds = 8
$script:DeadManAgainSeconds = 5
$script:TraceBytes = 1048576
$script:AheadSeconds = 2678400
$script:NearSeconds = 3600
$script:HistoryLines = 40
$script:MostProblems = 50
$script:ListBytes = 65536
$script:LF = [string][char]10
$script:OnWindows = [string]::Equals([string][Environment]::OSVersion.Platform, 'Win32NT', [StringComparison]::Ordinal)
$script:Latin = [Text.Encoding]::GetEncoding(28591)
$script:Utf8 = [Text.UTF8Encoding]::new($false, $true)
$script:ShareAll = [IO.FileShare]'ReadWrite, Delete'
$script:Invariant = [Globalization.CultureInfo]::InvariantCulture
$script:UnixZero = [DateTime]::new(1970, 1, 1, 0, 0, 0, [DateTimeKind]::Utc)
# The time of a staged file whose service will re-encrypt it.
$script:StagedTime = [DateTime]::new(2000, 1, 1, 0, 0, 0, [DateTimeKind]::Utc)

$script:Clock = [Diagnostics.Stopwatch]::StartNew()
$script:Mode = ''
$script:Problems = [Collections.ArrayList]::new()
$script:Interrupted = ''
# Fields: as they came, as text, as numbers; secrets as Latin-1. Names are told apart by case.
$script:Base64 = [Collections.Hashtable]::new([StringComparer]::Ordinal)
$script:Field = [Collections.Hashtable]::new([StringComparer]::Ordinal)
$script:Number = [Collections.Hashtable]::new([StringComparer]::Ordinal)
$script:Secret = [Collections.Hashtable]::new([StringComparer]::Ordinal)
# Known before the input is.
foreach ($each in $script:PlainFields) { $script:Base64[$each] = ''; $script:Field[$each] = ''; $script:Number[$each] = 0 }
foreach ($each in $script:SecretFields) { $script:Base64[$each] = ''; $script:Secret[$each] = '' }
$script:Service = ''
$script:Controller = $null
$script:ServiceProcess = $null
$script:StartedAnew = $false
$script:RunsOnNew = $false
$script:State = 'unknown'
$script:Dir = ''
$script:Locked = $false
$script:Holding = ''
$script:LockBase = ''
$script:Holder = ''
$script:Armed = $false
$script:Swapped = $false
$script:SwappedMs = $null
$script:FormerMark = ''
$script:StopMark = ''
$script:OtherStart = $false
$script:Stopping = $false
$script:ActUntil = $null
$script:HandsOff = $false
$script:AdoptedKey = ''
$script:AdoptedRevision = ''
$script:AdoptedMode = ''
$script:AdoptedWriter = ''
$script:RestoredCount = 0
$script:History = @()
$script:TraceMark = ''
$script:TraceUnread = $false
$script:JournalPhase = 'closed'
$script:JournalKey = ''
$script:JournalRevision = ''
$script:JournalRetry = '0'
$script:JournalTime = ''
$script:WasInterrupted = ''
$script:NextSync = $null
$script:LastSync = [long]0
$script:TooFar = $null
$script:Safe = $false
$script:Began = $null
$script:BeganMark = ''
$script:Restarted = $null
$script:Watched = ''
$script:WatchedFrom = ''
$script:Newest = ''
$script:Older = ''
$script:PhaseName = ''
$script:PhaseSince = [long]0
$script:PhaseNames = @()
$script:Spent = @{}
$script:Downtime = [long]0
$script:DownSince = $null
$script:RunningSince = [long]0
$script:Restarts = 0
$script:Fault = ''
$script:Obstacle = ''
$script:ArmFault = ''
$script:ModulePath = $null
$script:OpenerSearch = $null
$script:OpenerAnswer = $null
$script:DeadlineAt = $null
$script:PatienceUntil = $null
$script:Finishing = $false
$script:Meta = ''
$script:FormerMeta = ''
$script:Names = 0
$script:FileMode = ''
$script:FileUid = ''
$script:Room = $null
$script:Mount = ''
$script:NewText = ''
$script:EditCurrent = ''
$script:Me = ''
$script:Held = $null
$script:SignalEvent = $null
$script:SignalRegistrations = [Collections.ArrayList]::new()

# ---------------------------------------------------------------------------------------------- small things

function Test-Same([string]$One, [string]$Other) { return [string]::Equals($One, $Other, [StringComparison]::Ordinal) }

function Find-Text([string]$Text, [string]$Part, [int]$From) {
  return $Text.IndexOf($Part, $From, [StringComparison]::Ordinal)
}

function Test-OneOf([string]$Text, [string[]]$List) { return ([Array]::IndexOf($List, $Text) -ge 0) }

# The lines of a text, one object each; call it inside @( ).
function Get-Lines([string]$Text) {
  if ($Text.EndsWith($script:LF, [StringComparison]::Ordinal)) { $Text = $Text.Substring(0, $Text.Length - 1) }
  if ($Text.Length -gt 0) { foreach ($line in $Text.Split([char]10)) { $line } }
}

# The numbers of a date or a time, one object each; call it inside @( ).
function Get-Numbers([string]$Text) {
  foreach ($part in $Text.Split([char[]]@([char]45, [char]32, [char]58))) {
    $number = [int]::Parse($part, $script:Invariant)
    $number
  }
}

# One more sentence; of many the last says that there are more.
function Add-Problem([string]$Sentence) {
  if ($script:Problems.Count -ge $script:MostProblems) { return }
  if ($script:Problems.Count + 1 -ge $script:MostProblems) { $Sentence = 'There are more problems.' }
  [void]$script:Problems.Add($Sentence)
}

# Milliseconds since this script began, of a clock that does not jump.
function Get-NowMs { return [long]$script:Clock.ElapsedMilliseconds }

# Those milliseconds in whole seconds, rounded up: at least one, at most $Most.
function Get-WholeSeconds([long]$Milliseconds, [int]$Most) {
  return [Math]::Max(1, [Math]::Min($Most, [int][Math]::Ceiling([double]$Milliseconds / 1000)))
}

function Wait-Moment([int]$Milliseconds) { [Threading.Thread]::Sleep($Milliseconds) }

function Enter-Phase([string]$Name) {
  Exit-Phase
  $script:PhaseName = $Name
  $script:PhaseSince = Get-NowMs
  if (-not (Test-OneOf $Name $script:PhaseNames)) {
    $script:PhaseNames = @($script:PhaseNames) + @($Name)
    $script:Spent[$Name] = [long]0
  }
}

function Exit-Phase {
  if ($script:PhaseName.Length -eq 0) { return }
  $script:Spent[$script:PhaseName] = $script:Spent[$script:PhaseName] + (Get-NowMs) - $script:PhaseSince
  $script:PhaseName = ''
}

# Flushes a file or folder that a tool wrote; what this script writes it flushes itself. Windows knows no flush of a folder.
function Sync-Path([string]$Path) {
  if ($script:OnWindows) { return }
  if ((Invoke-HostCommand $script:ToolSeconds @('sync', $Path)) -ne 0) { [void](Invoke-HostCommand $script:ToolSeconds @('sync')) }
}

function Format-Utc([DateTime]$At) { return $At.ToString('yyyy-MM-ddTHH:mm:ss', $script:Invariant) + 'Z' }

function Get-UtcTime { return (Format-Utc ([DateTime]::UtcNow)) }

function Test-There([string]$Path) { return ([IO.File]::Exists($Path) -or [IO.Directory]::Exists($Path)) }

# On Windows whoever scans the file may hold it for a moment. One that stays is taken for what it is by whoever reads it.
function Remove-File([string]$Path) {
  for ($try = 0; $try -lt 40; $try++) {
    try {
      [IO.File]::Delete($Path)
      return
    } catch {
      if (-not $script:OnWindows) { return }
      Wait-Moment 50
    }
  }
}

# A file's bytes from $From on, at most $Most of the last of them, as Latin-1; $null when it cannot be read. Takes nobody's turn.
function Read-Latin([string]$Path, [long]$From, [long]$Most) {
  $stream = $null
  try {
    $stream = [IO.FileStream]::new($Path, [IO.FileMode]::Open, [IO.FileAccess]::Read, $script:ShareAll)
    $end = $stream.Length
    if ($Most -ge 0 -and $end - $From -gt $Most) { $From = $end - $Most }
    if ($From -ge $end) { return '' }
    [void]$stream.Seek($From, [IO.SeekOrigin]::Begin)
    $bytes = [byte[]]::new([int]($end - $From))
    $count = 0
    while ($count -lt $bytes.Length) {
      $more = $stream.Read($bytes, $count, $bytes.Length - $count)
      if ($more -le 0) { break }
      $count = $count + $more
    }
    return $script:Latin.GetString($bytes, 0, $count)
  } catch {
    return $null
  } finally {
    if ($null -ne $stream) { $stream.Dispose() }
  }
}

# Writes bytes given as Latin-1 into a file, which keeps its owner, mode and ACL when it is there, and flushes them.
function Write-Latin([string]$Path, [string]$Text) {
  $stream = $null
  try {
    $stream = [IO.FileStream]::new($Path, [IO.FileMode]::OpenOrCreate, [IO.FileAccess]::Write, [IO.FileShare]::Read)
    $stream.SetLength(0)
    $bytes = $script:Latin.GetBytes($Text)
    $stream.Write($bytes, 0, $bytes.Length)
    $stream.Flush($true)
    return $true
  } catch {
    return $false
  } finally {
    if ($null -ne $stream) { $stream.Dispose() }
  }
}

function ConvertTo-Latin([string]$Text) { return $script:Latin.GetString($script:Utf8.GetBytes($Text)) }

# A small file of ours; $null when it is not there. On Windows whoever scans it may hold it for a moment: a file that is there
# and cannot be read is looked at again, for it must not pass for none.
function Read-Ours([string]$Path) {
  for ($look = 0; $look -lt 40; $look++) {
    $text = Read-Latin $Path 0 -1
    if ($null -ne $text -or -not $script:OnWindows -or -not [IO.File]::Exists($Path)) { return $text }
    Wait-Moment 50
  }
  return $null
}

# First line of a small file of ours; '' when it is not there.
function Read-FirstLine([string]$Path) {
  $text = Read-Ours $Path
  if ($null -eq $text) { return '' }
  $lines = @(Get-Lines $text)
  if ($lines.Count -eq 0) { return '' }
  return [string]$lines[0]
}

# Renames one file over another, in one step: a reader sees either. What moves keeps its owner, mode and access list.
function Move-Replacing([string]$From, [string]$To) {
  if ($PSVersionTable.PSVersion.Major -ge 6) {
    [IO.File]::Move($From, $To, $true)
  } else {
    # .NET Framework's File.Move replaces nothing; this one is MoveFileEx with its flag to replace.
    [Microsoft.VisualBasic.FileIO.FileSystem]::MoveFile($From, $To, $true)
  }
}

# The same; a reader holds it up for two seconds at most.
function Move-Over([string]$From, [string]$To) {
  for ($try = 0; $try -lt 20; $try++) {
    try {
      Move-Replacing $From $To
      return $true
    } catch {
      if (-not $script:OnWindows) { return $false }
      Wait-Moment 100
    }
  }
  return $false
}

# Who has files open, as Windows' Restart Manager tells: "name, process id", a line each. Run beside the tries, in a session of
# its own, so that neither its time nor a fault of it is the update's.
$script:OpenerScript = @'
param([string[]]$Paths)
Add-Type -Namespace Keyturn -Name RestartManager -MemberDefinition '
[DllImport("rstrtmgr.dll", CharSet = CharSet.Unicode)]
public static extern int RmStartSession(out uint session, int flags, System.Text.StringBuilder key);
[DllImport("rstrtmgr.dll", CharSet = CharSet.Unicode)]
public static extern int RmRegisterResources(uint session, uint files, string[] paths, uint processes, IntPtr none, uint services, IntPtr nothing);
[DllImport("rstrtmgr.dll")]
public static extern int RmGetList(uint session, out uint needed, ref uint count, byte[] list, ref uint reasons);
[DllImport("rstrtmgr.dll")]
public static extern int RmEndSession(uint session);'
$session = [uint32]0
if ([Keyturn.RestartManager]::RmStartSession([ref]$session, 0, [Text.StringBuilder]::new(33)) -ne 0) { return }
try {
  $none = [IntPtr]::Zero
  if ([Keyturn.RestartManager]::RmRegisterResources($session, $Paths.Length, $Paths, 0, $none, 0, $none) -ne 0) { return }
  # RM_PROCESS_INFO: 668 bytes, the process id at 0, the name of 256 characters at 12.
  $list = [byte[]]::new(16 * 668)
  $needed = [uint32]0
  $count = [uint32]16
  $reasons = [uint32]0
  if ([Keyturn.RestartManager]::RmGetList($session, [ref]$needed, [ref]$count, $list, [ref]$reasons) -ne 0) { return }
  for ($index = 0; $index -lt $count; $index++) {
    $name = [Text.Encoding]::Unicode.GetString($list, $index * 668 + 12, 512).Split([char]0)[0]
    $name + ', process ' + [BitConverter]::ToUInt32($list, $index * 668)
  }
} finally {
  [void][Keyturn.RestartManager]::RmEndSession($session)
}
'@

function Start-OpenerSearch([string[]]$Paths) {
  if ($null -ne $script:OpenerSearch) { return }
  try {
    $script:OpenerSearch = [PowerShell]::Create()
    [void]$script:OpenerSearch.AddScript($script:OpenerScript).AddArgument($Paths)
    $script:OpenerAnswer = $script:OpenerSearch.BeginInvoke()
  } catch {
    $script:OpenerAnswer = $null
  }
}

# Its answer, three processes at most; nothing when there is none within two seconds. The names are the programs' own words.
function Read-Opener {
  $words = ''
  try {
    if ($null -eq $script:OpenerAnswer -or -not $script:OpenerAnswer.AsyncWaitHandle.WaitOne(2000)) { return '' }
    $found = 0
    foreach ($each in $script:OpenerSearch.EndInvoke($script:OpenerAnswer)) {
      if ($found -ge 3) { return $words }
      $found++
      $line = [regex]::Replace([string]$each, '[^\x20-\x7e]', '?')
      if ($line.Length -gt 80) { $line = '...' + $line.Substring($line.Length - 80) }
      $words = $words + '; open in ' + $line
    }
  } catch {
    return ''
  }
  return $words
}

function Get-Inner([Exception]$Cause) {
  $inner = $Cause
  while ($null -ne $inner.InnerException) { $inner = $inner.InnerException }
  return $inner
}

# Windows' number of an error.
function Get-ErrorNumber([Exception]$Inner) {
  if ([ComponentModel.Win32Exception].IsInstanceOfType($Inner)) { return $Inner.NativeErrorCode }
  return [int]($Inner.HResult -band 65535)
}

# Why Windows refused something, in brackets behind a sentence: the number, since its words are its language's.
function Get-Cause([Exception]$Cause) {
  $inner = Get-Inner $Cause
  return " ($($inner.GetType().Name), Windows' error $(Get-ErrorNumber $inner))"
}

# The same with the error's own words, of one line and at most 300 characters; no secret is given to what throws them.
function Get-Refusal([Exception]$Cause) {
  $inner = Get-Inner $Cause
  $words = [regex]::Replace($inner.Message, '\s+', ' ').Trim()
  if ($words.Length -gt 300) { $words = $words.Substring(0, 300) + '...' }
  return " $($inner.GetType().Name): $words"
}

# What stood in the way of a rename, in $script:Obstacle: the system's words; on Windows, whose words are its language's, the number.
function Set-Obstacle([Exception]$Cause) {
  $inner = Get-Inner $Cause
  $script:Obstacle = ''
  if (-not $script:OnWindows) {
    foreach ($words in @('Permission denied', 'Operation not permitted', 'Read-only file system')) {
      if ($inner.Message.StartsWith($words, [StringComparison]::Ordinal)) { $script:Obstacle = $words }
    }
    return
  }
  $number = Get-ErrorNumber $inner
  $script:Obstacle = "Windows' error $number"
  if ($number -eq 5) { $script:Obstacle = $script:Obstacle + ', access is denied' }
  if ($number -eq 32 -or $number -eq 33) { $script:Obstacle = $script:Obstacle + ', it is in use' }
}

# A rename over the service's own file, in one step too; what stood in the way in $script:Obstacle. On Windows by ReplaceFile: the file keeps its
# access list as it is inherited, and its time of creation, and a reader that lets others delete holds nothing up. ReplaceFile
# may fail with the file gone from its name (its documentation, ERROR_UNABLE_TO_MOVE_REPLACEMENT); then there is nothing left
# to replace. There each try but the first comes a tenth of a second later: a scanner may have the file for a moment.
function Move-OverFile([string]$From, [int]$Tries) {
  $path = $script:Field['filePath']
  $script:OpenerSearch = $null
  $script:OpenerAnswer = $null
  for ($try = 0; $try -lt $Tries; $try++) {
    try {
      if (-not $script:OnWindows) {
        Move-Replacing $From $path
      } elseif ([IO.File]::Exists($path)) {
        [IO.File]::Replace($From, $path, [NullString]::Value)
      } else {
        [IO.File]::Move($From, $path)
      }
      return $true
    } catch {
      Set-Obstacle $_.Exception
      if (-not $script:OnWindows) { break }
      Start-OpenerSearch @($path, $From)
      Wait-Moment 100
    }
  }
  if ($script:OnWindows) { $script:Obstacle = $script:Obstacle + (Read-Opener) }
  if ($script:Obstacle.Length -gt 0) { $script:Obstacle = " ($($script:Obstacle))" }
  return $false
}

# A file of the state folder that is rewritten: whole in its old or its new version.
function Write-StateFile([string]$Name, [string]$Text) {
  $path = $script:Dir + '/' + $Name
  if (-not (Write-Latin ($path + '.next') (ConvertTo-Latin $Text))) { return $false }
  return (Move-Over ($path + '.next') $path)
}

# What may use a file, in $script:Meta: on Linux mode, owner and group as ls shows them, on Windows owner and access rules,
# inherited or not. Number of names in $script:Names (Windows: 2 stands for several).
function Get-FileMeta([string]$Path) {
  $script:Meta = ''
  $script:Names = 0
  $script:FileMode = ''
  $script:FileUid = ''
  if (-not $script:OnWindows) {
    $words = @((Read-ToolOutput @('ls', '-ldn', $Path)).Split([char[]]@([char]32, [char]9, [char]10), [StringSplitOptions]::RemoveEmptyEntries))
    if ($words.Count -lt 4) { return }
    $script:Meta = $words[0] + ' ' + $words[2] + ' ' + $words[3]
    $script:Names = [int]$words[1]
    $script:FileMode = $words[0]
    $script:FileUid = $words[2]
    return
  }
  if (-not (Test-There $Path)) { return }
  try {
    $acl = Get-Acl -LiteralPath $Path
    $sid = [Security.Principal.SecurityIdentifier]
    $script:FileUid = $acl.GetOwner($sid).Value
    $rules = [Collections.ArrayList]::new()
    foreach ($rule in $acl.GetAccessRules($true, $true, $sid)) {
      $text = $rule.IdentityReference.Value + ':' + [string]$rule.AccessControlType + ':' + [string][int]$rule.FileSystemRights
      if (-not $rules.Contains($text)) { [void]$rules.Add($text) }
    }
    $rules.Sort()
    $script:Meta = $script:FileUid + ' ' + [string]::Join(',', [string[]]$rules.ToArray([string]))
    $script:FileMode = '-rw'
    if ([int]([IO.File]::GetAttributes($Path) -band [IO.FileAttributes]::ReadOnly) -ne 0) { $script:FileMode = '-r-' }
    $script:Names = 1
    if (Test-Same ([string](Get-Item -LiteralPath $Path -Force).LinkType) 'HardLink') { $script:Names = 2 }
  } catch {
    $script:Meta = ''
  }
}

# A regular file under its own name: no link, folder, pipe or device.
function Test-PlainFile([string]$Path) {
  try {
    $attributes = [IO.File]::GetAttributes($Path)
    if ([int]($attributes -band ([IO.FileAttributes]::ReparsePoint -bor [IO.FileAttributes]::Directory)) -ne 0) { return $false }
  } catch {
    return $false
  }
  if ($script:OnWindows) { return $true }
  # Not by a program: it is asked while the service is stopped, too.
  $item = Get-Item -LiteralPath $Path -Force -ErrorAction SilentlyContinue
  return ($null -ne $item -and (Test-Same ([string]$item.UnixStat.ItemType) 'File'))
}

# Bytes of a file; -1 when it is not there.
function Get-FileSize([string]$Path) {
  if (-not [IO.File]::Exists($Path)) { return [long]-1 }
  $size = [IO.FileInfo]::new($Path).Length
  if ($null -eq $size) { return [long]-1 }
  return [long]$size
}

# 5.1 that was started from within 7 finds the modules of 7 first and cannot load them. 7 would hand the cmdlets of the Task
# Scheduler to a 5.1 of its own where Windows does not call them fit for 7 (Server 2016), and get texts for objects back. The
# class of services, and on 5.1 the one that renames over a file, are loaded.
function Initialize-Windows {
  $assemblies = @('System.ServiceProcess.ServiceController')
  if ($PSVersionTable.PSVersion.Major -lt 6) {
    $assemblies = @('System.ServiceProcess', 'Microsoft.VisualBasic')
    $script:ModulePath = [Environment]::GetEnvironmentVariable('PSModulePath')
    [Environment]::SetEnvironmentVariable('PSModulePath', [IO.Path]::Combine($PSHOME, 'Modules'))
  }
  try {
    foreach ($assembly in $assemblies) { Add-Type -AssemblyName $assembly }
    if ($PSVersionTable.PSVersion.Major -ge 6) { Import-Module -Name 'ScheduledTasks' -SkipEditionCheck }
  } catch {
    # It may be there already; the host check says so when it is not.
    Wait-Moment 1
  }
}

function Get-UserId {
  if ($script:OnWindows) { return [Security.Principal.WindowsIdentity]::GetCurrent().User.Value }
  return (Read-ToolOutput @('id', '-u')).Trim()
}

# A wish to end is noted, never obeyed at once. PowerShell 7 only; a signal that ends 5.1, or PowerShell itself, is the
# dead-man switch's matter. The handler is compiled from an expression: a script block cannot run on the signal's thread.
function Register-Signal([string[]]$Ending, [string[]]$Ignored) {
  $registration = 'System.Runtime.InteropServices.PosixSignalRegistration' -as [Type]
  $signal = 'System.Runtime.InteropServices.PosixSignal' -as [Type]
  $contextType = 'System.Runtime.InteropServices.PosixSignalContext' -as [Type]
  if ($null -eq $registration -or $null -eq $signal -or $null -eq $contextType) { return }
  try {
    $script:SignalEvent = [Threading.ManualResetEvent]::new($false)
    # In a variable of its own: PowerShell picks another overload for a type that is made on the spot.
    $open = 'System.Action`1' -as [Type]
    $action = $open.MakeGenericType($contextType)
    $setMethod = [Threading.EventWaitHandle].GetMethod('Set', [Type[]]@())
    foreach ($name in (@($Ending) + @($Ignored))) {
      $context = [Linq.Expressions.Expression]::Parameter($contextType, 'context')
      $cancel = [Linq.Expressions.Expression]::Property($context, 'Cancel')
      $body = [Linq.Expressions.Expression]::Assign($cancel, [Linq.Expressions.Expression]::Constant($true))
      if (Test-OneOf $name $Ending) {
        $raise = [Linq.Expressions.Expression]::Call([Linq.Expressions.Expression]::Constant($script:SignalEvent), $setMethod)
        $body = [Linq.Expressions.Expression]::Block($body, $raise)
      }
      $handler = [Linq.Expressions.Expression]::Lambda($action, $body, [Linq.Expressions.ParameterExpression[]]@($context)).Compile()
      [void]$script:SignalRegistrations.Add($registration::Create([Enum]::Parse($signal, $name), $handler))
    }
  } catch {
    return
  }
}

function Update-Interrupted {
  if ($null -ne $script:SignalEvent -and $script:Interrupted.Length -eq 0 -and $script:SignalEvent.WaitOne(0)) {
    $script:Interrupted = 'SIGTERM'
  }
}

# One argument of a child process, quoted as Windows programs read their command line; .NET reads it so on Linux too.
function ConvertTo-Argument([string]$Text) {
  $quoted = [regex]::Replace($Text, '(\\*)"', '$1$1\"')
  $quoted = [regex]::Replace($quoted, '(\\+)\z', '$1$1')
  return '"' + $quoted + '"'
}

function New-StartInfo([string[]]$Words) {
  $info = [Diagnostics.ProcessStartInfo]::new()
  $info.FileName = $Words[0]
  $quoted = [Collections.ArrayList]::new()
  for ($i = 1; $i -lt $Words.Length; $i++) { [void]$quoted.Add((ConvertTo-Argument $Words[$i])) }
  $info.Arguments = [string]::Join(' ', [string[]]$quoted.ToArray([string]))
  $info.UseShellExecute = $false
  $info.CreateNoWindow = $true
  # What Initialize-Windows changed is this script's own.
  if ($null -ne $script:ModulePath) { $info.EnvironmentVariables['PSModulePath'] = $script:ModulePath }
  return $info
}

# What a program writes until it ends, in UTF-8, at most so many milliseconds; $null when that was too long. Not to the end of
# its output: a child that it leaves behind may hold that.
function Read-UntilEnd([Diagnostics.Process]$Process, [int]$Milliseconds) {
  $stream = $Process.StandardOutput.BaseStream
  $collected = [IO.MemoryStream]::new()
  $buffer = [byte[]]::new(65536)
  $until = (Get-NowMs) + $Milliseconds
  $reading = $stream.ReadAsync($buffer, 0, $buffer.Length)
  while ($true) {
    # What it wrote last comes at once, but for a machine that is busy.
    $wait = 50
    $ended = $Process.HasExited
    if ($ended) { $wait = 2000 }
    if ($reading.Wait($wait)) {
      if ($reading.Result -le 0) { break }
      if ($collected.Length -lt 8388608) { $collected.Write($buffer, 0, $reading.Result) }
      $reading = $stream.ReadAsync($buffer, 0, $buffer.Length)
    } elseif ($ended) {
      break
    }
    if ((Get-NowMs) -ge $until) { return $null }
  }
  if (-not $Process.WaitForExit([int][Math]::Max(1, $until - (Get-NowMs)))) { return $null }
  return [Text.Encoding]::UTF8.GetString($collected.ToArray())
}

# Standard output of a short tool; '' when it fails. On Linux in a session of its own, since a hang-up reaches all of ours.
function Read-ToolOutput([string[]]$Words) {
  $process = $null
  try {
    $outer = @()
    if (-not $script:OnWindows) { $outer = @('setsid') }
    $info = New-StartInfo ($outer + $Words)
    $info.RedirectStandardInput = $true
    $info.RedirectStandardOutput = $true
    $info.RedirectStandardError = $true
    $process = [Diagnostics.Process]::Start($info)
    $process.StandardInput.Close()
    $process.BeginErrorReadLine()
    $text = Read-UntilEnd $process ($script:StatusSeconds * 1000)
    if ($null -eq $text) {
      $process.Kill()
      return ''
    }
    if ($process.ExitCode -ne 0) { return '' }
    return $text
  } catch {
    return ''
  } finally {
    if ($null -ne $process) { $process.Dispose() }
  }
}

# ---------------------------------------------------------------------------------------------- input

# Reads version line, one name=base64 line per field of $Wanted, end line. Leaves them in $script:Base64.
function Read-Fields([string]$Text, [string[]]$Wanted) {
  $seen = [Collections.ArrayList]::new()
  $number = 0
  $at = 0
  $ended = $false
  while ($true) {
    $end = $Text.IndexOf([char]10, $at)
    if ($end -lt 0) { break }
    $line = $Text.Substring($at, $end - $at)
    $at = $end + 1
    $number++
    if ($script:Problems.Count -ge $script:MostProblems) { return }
    if ($number -eq 1) {
      if (-not (Test-Same $line $script:Contract)) {
        Add-Problem "The input's first line must be $($script:Contract)."
        return
      }
      continue
    }
    if (Test-Same $line 'end') {
      $ended = $true
      break
    }
    $equals = $line.IndexOf([char]61)
    if ($equals -lt 0) {
      Add-Problem "Line $number of the input holds no '='."
      continue
    }
    $name = $line.Substring(0, $equals)
    $value = $line.Substring($equals + 1)
    if (-not (Test-OneOf $name $Wanted)) {
      Add-Problem "Line $number of the input names an unknown field."
      continue
    }
    if ($seen.Contains($name)) {
      Add-Problem "${name}: given more than once."
      continue
    }
    [void]$seen.Add($name)
    if (Test-Base64 $value) {
      $script:Base64[$name] = $value
    } else {
      $script:Base64[$name] = ''
      Add-Problem "${name}: is not base64."
    }
  }
  if ($number -eq 0) {
    Add-Problem 'The input ends within its first line: nothing was sent, or the connection was cut.'
    return
  }
  if (-not $ended) {
    Add-Problem 'The input has no end line: the connection was cut.'
    return
  }
  if ($at -lt $Text.Length) { Add-Problem "Bytes follow the input's end line." }
  foreach ($name in $Wanted) {
    if ($seen.Contains($name)) { continue }
    $script:Base64[$name] = ''
    if (-not (Test-OneOf $name $script:OptionalFields)) { Add-Problem "${name}: is missing." }
  }
}

function Test-Base64([string]$Text) {
  if ($Text.Length % 4 -ne 0) { return $false }
  return [regex]::IsMatch($Text, '\A[A-Za-z0-9+/]*={0,2}\z')
}

# Number of bytes that a base64 text stands for.
function Get-DecodedSize([string]$Text) {
  $padding = 0
  if ($Text.EndsWith('==', [StringComparison]::Ordinal)) {
    $padding = 2
  } elseif ($Text.EndsWith('=', [StringComparison]::Ordinal)) {
    $padding = 1
  }
  return [int]($Text.Length / 4 * 3 - $padding)
}

# A text given as Latin-1, which is UTF-8 to be; $null when it is none.
function ConvertFrom-Utf8([string]$Text) {
  try { return $script:Utf8.GetString($script:Latin.GetBytes($Text)) } catch { return $null }
}

# $script:Base64 to $script:Secret (Latin-1) or $script:Field (text), exactly.
function Expand-Field([string]$Name) {
  $plain = ''
  try {
    $plain = $script:Latin.GetString([Convert]::FromBase64String($script:Base64[$Name]))
    $faulty = ($plain.IndexOf([char]0) -ge 0 -and -not (Test-Same $Name 'content'))
  } catch {
    $faulty = $true
  }
  if ($plain.Length -ne (Get-DecodedSize $script:Base64[$Name])) { $faulty = $true }
  if ($faulty) {
    Add-Problem "${Name}: holds a NUL byte or is not base64."
    # That was said: a NUL is no control character too.
    if (-not (Test-Same $Name 'content')) { $plain = $plain.Replace([string][char]0, '') }
  }
  if (Test-OneOf $Name $script:SecretFields) {
    $script:Secret[$Name] = $plain
    return
  }
  $text = ConvertFrom-Utf8 $plain
  if ($null -eq $text) {
    Add-Problem "${Name}: must be text in UTF-8."
    # It was given all the same: nothing that is asked of it later says otherwise, nor does the report hold it.
    $text = [regex]::Replace($plain, '[\x80-\xff]', '?')
  }
  $script:Field[$Name] = $text
}

function Confirm-Word([string[]]$Names) {
  foreach ($name in $Names) {
    if (-not [regex]::IsMatch($script:Field[$name], '\A[A-Za-z0-9._:+-]{1,128}\z')) {
      Add-Problem "${name}: must be 1 to 128 of A-Z a-z 0-9 . _ : + -"
    }
  }
}

function Confirm-Int([int]$Least, [string[]]$Names) {
  foreach ($name in $Names) {
    if ([regex]::IsMatch($script:Field[$name], '\A(0|[1-9][0-9]{0,5})\z')) {
      $script:Number[$name] = [int]::Parse($script:Field[$name], $script:Invariant)
      if ($script:Number[$name] -lt $Least) { Add-Problem "${name}: must be at least $Least." }
    } else {
      $script:Field[$name] = [string]$Least
      $script:Number[$name] = $Least
      Add-Problem "${name}: must be whole, 0 to 999999."
    }
  }
}

function Confirm-Choice([string]$Name, [string[]]$Choices) {
  if (-not (Test-OneOf $script:Field[$Name] $Choices)) {
    Add-Problem "${Name}: must be one of: $([string]::Join(' ', $Choices))."
  }
}

function Test-Controls([string]$Text) { return [regex]::IsMatch($Text, '[\x00-\x1f\x7f]') }

function Test-Long([string]$Text) { return ($script:Utf8.GetByteCount($Text) -gt 1024) }

function Confirm-Text([string[]]$Names) {
  foreach ($name in $Names) {
    if (Test-Controls $script:Field[$name]) { Add-Problem "${name}: must hold no control characters." }
    if (Test-Long $script:Field[$name]) { Add-Problem "${name}: must be at most 1024 bytes long." }
  }
}

function Confirm-Lines([string[]]$Names) {
  foreach ($name in $Names) {
    $double = $script:LF + $script:LF
    $plain = $script:LF + $script:Field[$name]
    if ((Find-Text $plain $double 0) -ge 0) { Add-Problem "${name}: must hold no empty line." }
    if ($script:Utf8.GetByteCount($script:Field[$name]) -gt $script:ListBytes) {
      Add-Problem "${name}: must be at most $($script:ListBytes) bytes long in all."
    }
    foreach ($part in @(Get-Lines $script:Field[$name])) {
      if (Test-Controls $part) { Add-Problem "${name}: must hold no control characters." }
      if (Test-Long $part) { Add-Problem "${name}: a line must be at most 1024 bytes long." }
    }
  }
}

# Absolute, and the same to whoever follows links and to whoever takes .. for the part before it.
function Confirm-Path([string[]]$Names) {
  $absolute = '\A/'
  $parts = '/\.{1,2}(/|\z)'
  if ($script:OnWindows) {
    $absolute = '\A[A-Za-z]:[\\/]'
    $parts = '[\\/]\.{1,2}([\\/]|\z)'
  }
  foreach ($name in $Names) {
    $path = $script:Field[$name]
    if (-not [regex]::IsMatch($path, $absolute)) {
      if ($script:OnWindows) { Add-Problem "${name}: must be an absolute path with a drive letter." } else { Add-Problem "${name}: must be an absolute path." }
    }
    if ([regex]::IsMatch($path, $parts)) { Add-Problem "${name}: must hold no part . or .." }
    if ($script:OnWindows) { Confirm-WindowsPath $name $path }
  }
}

# One file has one name: Windows drops dots and spaces at the end of a part, and takes what follows a colon for a stream.
function Confirm-WindowsPath([string]$Name, [string]$Path) {
  if ([regex]::IsMatch($Path, '[^\\/.][. ]+([\\/]|\z)')) { Add-Problem "${Name}: must hold no part that ends with a dot or a space." }
  if ($Path.LastIndexOf([char]58) -gt 1) { Add-Problem "${Name}: must hold no colon but that of its drive." }
  if ((Test-Same $Name 'filePath') -and (Test-Expanded $Path)) { Add-Problem "${Name}: must hold no %...% and no `$(...): the Task Scheduler puts something else in their place." }
}

# Whether the Task Scheduler takes a part of a task's argument for a variable.
function Test-Expanded([string]$Text) { return [regex]::IsMatch($Text, '%[^%]+%|\$\(') }

function Confirm-Command {
  foreach ($name in @('startCommand', 'stopCommand', 'statusCommand')) {
    $plain = $script:Field[$name]
    if (Test-Same $script:Field['serviceManager'] 'command') {
      if ($plain.Length -eq 0) { Add-Problem "${name}: must be given for serviceManager command." }
    } elseif ($plain.Length -gt 0) {
      Add-Problem "${name}: must be empty unless serviceManager is command."
    }
    foreach ($part in @(Get-Lines $plain)) {
      if ($part.IndexOf([char]34) -ge 0 -or $part.EndsWith('\', [StringComparison]::Ordinal)) {
        Add-Problem "${name}: a part must hold no `" and not end in \."
      }
      # cmd.exe, which runs these, puts variables in place of their names between quotes too.
      if ($script:OnWindows -and $part.IndexOf([char]37) -ge 0 -and [regex]::IsMatch($plain, '\A[^\n]*\.(cmd|bat)(\n|\z)', [Text.RegularExpressions.RegexOptions]::IgnoreCase)) {
        Add-Problem "${name}: a part must hold no % where the program is a .cmd or .bat."
      }
    }
  }
}

# Types and what must hold between fields; with $Secrets the secret fields are there too.
function Confirm-Fields([bool]$Secrets) {
  foreach ($each in $script:PlainFields) { Expand-Field $each }
  Confirm-Word @('consumer', 'epoch', 'keyId', 'revision', 'attempt', 'writer')
  Confirm-Int 0 @('retry', 'marginSeconds', 'patienceSeconds', 'settleSeconds')
  Confirm-Int 1 @('stopTimeoutSeconds', 'startTimeoutSeconds', 'proofTimeoutSeconds', 'deadlineSeconds', 'deadManSeconds')
  Confirm-Lines @('service', 'exitZeroFor', 'formerWriters', 'traceInstances', 'failurePatterns', 'successPatterns', 'startCommand', 'stopCommand', 'statusCommand')
  Confirm-Text @('filePath', 'traceDirectory', 'tracePattern', 'tracePrefix', 'traceSuffix')
  Confirm-Choice 'serviceManager' @('windows', 'systemd', 'command')
  Confirm-Choice 'fileMode' @('content', 'edit')
  Confirm-Choice 'window' @('trace', 'daily', 'none')
  Confirm-Choice 'proofReencrypted' @('true', 'false')
  Confirm-Choice 'proofSyncLine' @('true', 'false')
  $f = $script:Field
  $n = $script:Number
  foreach ($part in @(Get-Lines $f['exitZeroFor'])) {
    if (-not (Test-OneOf $part @('alreadyAdopted', 'notNow'))) { Add-Problem 'exitZeroFor: must list alreadyAdopted or notNow.' }
  }
  Confirm-Command
  if ($f['service'].Length -eq 0) { Add-Problem 'service: must not be empty.' }
  if (Test-Same $f['serviceManager'] 'systemd') { Add-Problem 'serviceManager: systemd needs update.sh.' }
  Confirm-Path @('filePath')
  if ($f['traceDirectory'].Length -gt 0) { Confirm-Path @('traceDirectory') }
  if ([regex]::IsMatch($f['tracePattern'], '[/\\]')) { Add-Problem "tracePattern: must be a file's name, without a folder." }
  if (-not [regex]::IsMatch($f['windowDaily'], '\A(([01][0-9]|2[0-3]):[0-5][0-9]-([01][0-9]|2[0-3]):[0-5][0-9])?\z')) {
    Add-Problem 'windowDaily: must be HH:MM-HH:MM or empty.'
  }
  $traced = ($f['traceDirectory'].Length -gt 0 -and $f['tracePattern'].Length -gt 0)
  $marked = ($traced -and $f['tracePrefix'].Length -gt 0)
  if ((Test-Same $f['window'] 'trace') -and -not $marked) {
    Add-Problem 'window: trace needs traceDirectory, tracePattern and tracePrefix.'
  }
  if ((Test-Same $f['proofSyncLine'] 'true') -and -not $marked) {
    Add-Problem 'proofSyncLine: needs traceDirectory, tracePattern and tracePrefix.'
  }
  if ($f['failurePatterns'].Length -gt 0 -and -not $traced) {
    Add-Problem 'failurePatterns: needs traceDirectory and tracePattern.'
  }
  if ($f['successPatterns'].Length -gt 0 -and -not $traced) {
    Add-Problem 'successPatterns: needs traceDirectory and tracePattern.'
  }
  if ((Test-Same $f['window'] 'daily') -and $f['windowDaily'].Length -eq 0) { Add-Problem 'window: daily needs windowDaily.' }
  if ($n['settleSeconds'] -gt $n['proofTimeoutSeconds']) { Add-Problem 'settleSeconds: must be at most proofTimeoutSeconds.' }
  $least = 2 * ($n['stopTimeoutSeconds'] + $n['startTimeoutSeconds'] + $n['proofTimeoutSeconds']) + $n['settleSeconds'] + 10
  if ($n['deadManSeconds'] -lt $least) { Add-Problem "deadManSeconds: must be at least $least." }
  $least = $least + $n['patienceSeconds'] + 20
  if ($n['deadlineSeconds'] -lt $least) { Add-Problem "deadlineSeconds: must be at least $least." }
  if ($Secrets) { Confirm-Secrets }
}

function Confirm-Secrets {
  foreach ($each in $script:SecretFields) { Expand-Field $each }
  $s = $script:Secret
  if ($s['value'].Length -eq 0) { Add-Problem 'value: must not be empty.' }
  if ($s['value'].IndexOf([char]10) -ge 0 -or $s['value'].IndexOf([char]13) -ge 0) {
    Add-Problem 'value: must hold no line break.'
  }
  $script:NewText = $s['content']
  if ($s['content'].Length -gt 1048576) { Add-Problem 'content: must be at most 1 MiB.' }
  if (Test-Same $script:Field['fileMode'] 'edit') {
    if ($s['content'].Length -gt 0) { Add-Problem 'content: must be empty for fileMode edit.' }
    if ($s['before'].Length -eq 0) { Add-Problem 'before: must be given for fileMode edit.' }
    if ($s['after'].Length -eq 0) { Add-Problem 'after: must be given for fileMode edit.' }
    if ($s['before'].Length -gt 0 -and $s['after'].Length -gt 0) { Confirm-Edited }
    return
  }
  if ($s['before'].Length -gt 0 -or $s['after'].Length -gt 0) { Add-Problem 'before, after: must be empty for fileMode content.' }
  if ($s['content'].Length -eq 0) { Add-Problem 'content: must be given for fileMode content.' }
  if ((Find-Text ($s['content'].Replace([string][char]0, '')) $s['value'] 0) -lt 0) { Add-Problem 'content: must contain value.' }
}

# The next run must find this value, whole and once.
function Confirm-Edited {
  $s = $script:Secret
  $text = $s['value'] + $s['after']
  if ((Find-Text $text $s['after'] 0) -lt $s['value'].Length) {
    Add-Problem 'after: must not begin within value: the next run would take the value to end there.'
  }
  if ((Find-Text $text $s['before'] 0) -ge 0) {
    Add-Problem 'before: must not stand in value and after: the next run would find it twice.'
  }
}

# Standard input as Latin-1, when its stream has ended in time; else it is empty.
function Read-StandardInput {
  $collected = [IO.MemoryStream]::new()
  $until = (Get-NowMs) + $script:InputSeconds * 1000
  $buffer = [byte[]]::new(65536)
  $ended = $false
  try {
    $stream = [Console]::OpenStandardInput()
    while (-not $ended -and $collected.Length -le $script:InputBytes) {
      $reading = $stream.ReadAsync($buffer, 0, $buffer.Length)
      while (-not $reading.Wait(200)) {
        Update-Interrupted
        if ((Get-NowMs) -ge $until -or $script:Interrupted.Length -gt 0) { break }
      }
      if (-not $reading.IsCompleted) { break }
      $ended = ($reading.Result -le 0)
      $collected.Write($buffer, 0, $reading.Result)
    }
  } catch {
    $ended = $false
  }
  if ($collected.Length -gt $script:InputBytes) {
    Add-Problem "The input is longer than $($script:InputBytes) bytes."
    return ''
  }
  Update-Interrupted
  if (-not $ended -or $script:Interrupted.Length -gt 0) {
    Add-Problem "The input's stream did not end within $($script:InputSeconds) seconds, or the run was asked to end."
    return ''
  }
  return $script:Latin.GetString($collected.ToArray())
}

# The whole input; all problems in one refusal, nothing touched.
function Read-HostInput {
  Enter-Phase 'input'
  $text = Read-StandardInput
  if ($script:Problems.Count -eq 0) { Read-Fields $text (@($script:SecretFields) + @($script:PlainFields)) }
  if ($script:Problems.Count -eq 0) { Confirm-Fields $true }
  if ($script:Problems.Count -gt 0) {
    Exit-Problems 'The input is refused' 'Nothing was touched. Correct the settings and run again.'
  }
  $script:DeadlineAt = [long]$script:Number['deadlineSeconds'] * 1000
}

# ---------------------------------------------------------------------------------------------- service

# A command given as words, bounded, with nothing of ours: no input, no output, no shell that reads it. Its exit code; 124
# when it took too long, 127 when it could not be started.
function Invoke-HostCommand([int]$Limit, [string[]]$Words) {
  $process = $null
  try {
    if (-not $script:OnWindows) {
      # The shell only takes the standard streams away and becomes the program; the words are its arguments as they are. In a
      # session of its own, since a hang-up reaches all of ours.
      $outer = @('setsid', 'timeout', '-k', '5', [string]$Limit, 'sh', '-c', 'exec "$@" </dev/null >/dev/null 2>&1', 'sh')
      $process = [Diagnostics.Process]::Start((New-StartInfo ($outer + $Words)))
      if ($process.WaitForExit(($Limit + 20) * 1000)) { return $process.ExitCode }
      $process.Kill()
      return 124
    }
    $info = New-StartInfo $Words
    $info.RedirectStandardInput = $true
    $info.RedirectStandardOutput = $true
    $info.RedirectStandardError = $true
    $process = [Diagnostics.Process]::Start($info)
    $process.StandardInput.Close()
    $process.BeginOutputReadLine()
    $process.BeginErrorReadLine()
    if ($process.WaitForExit($Limit * 1000)) { return $process.ExitCode }
    [void](Read-ToolOutput @(([Environment]::SystemDirectory + '\taskkill.exe'), '/T', '/F', '/PID', [string]$process.Id))
    if (-not $process.HasExited) { $process.Kill() }
    return 124
  } catch {
    return 127
  } finally {
    if ($null -ne $process) { $process.Dispose() }
  }
}

# $script:State: running, stopped, missing or unknown. A Windows service has stopped when its process has gone too.
function Update-ServiceState {
  $script:State = 'unknown'
  if (Test-Same $script:Field['serviceManager'] 'command') {
    $code = Invoke-HostCommand $script:StatusSeconds @(Get-Lines $script:Field['statusCommand'])
    if ($code -eq 0) {
      $script:State = 'running'
    } elseif ($code -eq 3) {
      $script:State = 'stopped'
    } elseif ($code -eq 4) {
      $script:State = 'missing'
    }
    return
  }
  try {
    $status = [string](Get-Controller).Status
    if (Test-Same $status 'Running') {
      $script:State = 'running'
    } elseif (Test-Same $status 'Stopped') {
      if ($null -eq $script:ServiceProcess -or $script:ServiceProcess.HasExited) { $script:State = 'stopped' }
    }
  } catch {
    $script:State = 'unknown'
  }
}

# Windows' service of the name $script:Service, with its state as it is now; throws when there is none. Out of the list: a
# controller that is made of a name takes it for a display name first, and may be another service's.
function Get-Controller {
  if ($null -eq $script:Controller -or -not [string]::Equals($script:Controller.ServiceName, $script:Service, [StringComparison]::OrdinalIgnoreCase)) {
    $script:Controller = $null
    foreach ($each in @([ServiceProcess.ServiceController]::GetServices())) {
      if ([string]::Equals($each.ServiceName, $script:Service, [StringComparison]::OrdinalIgnoreCase)) { $script:Controller = $each }
    }
    if ($null -eq $script:Controller) { throw [InvalidOperationException]::new('no such service') }
  }
  [void]$script:Controller.Refresh()
  return $script:Controller
}

# Names of the services that depend on this one and do not stand still.
function Get-RunningDependents {
  foreach ($dependent in @((Get-Controller).DependentServices)) {
    if (-not (Test-Same ([string]$dependent.Status) 'Stopped')) { $dependent.ServiceName }
  }
}

# A number of a service's entry in the registry; -1 when it is not there.
function Get-ServiceSetting([string]$Name, [string]$Setting) {
  $key = 'HKEY_LOCAL_MACHINE\SYSTEM\CurrentControlSet\Services\' + $Name
  $number = [Microsoft.Win32.Registry]::GetValue($key, $Setting, -1)
  if ($null -eq $number) { return -1 }
  return [int]$number
}

# Exactly one service, by one of the names, else by one of the display names: $script:Service.
function Find-HostService {
  $wanted = @(Get-Lines $script:Field['service'])
  $called = [string]::Join(' or ', [string[]]$wanted)
  $script:Service = Get-FirstName
  if (Test-Same $script:Field['serviceManager'] 'command') {
    Update-ServiceState
    if (Test-Same $script:State 'missing') { Add-Problem "service: none is known to statusCommand as $called." }
    return
  }
  if (-not $script:OnWindows) {
    Add-Problem 'serviceManager: windows is not on this host.'
    return
  }
  $found = [Collections.ArrayList]::new()
  try {
    $all = @([ServiceProcess.ServiceController]::GetServices())
    foreach ($each in $all) {
      $named = $false
      foreach ($one in $wanted) { if ([string]::Equals($each.ServiceName, $one, [StringComparison]::OrdinalIgnoreCase)) { $named = $true } }
      if ($named) { [void]$found.Add($each.ServiceName) }
    }
    if ($found.Count -eq 0) {
      foreach ($each in $all) { if (Test-OneOf $each.DisplayName $wanted) { [void]$found.Add($each.ServiceName) } }
    }
    foreach ($each in $all) { $each.Dispose() }
    if ($found.Count -eq 0) {
      Add-Problem "service: none has the name or description $called."
      return
    }
    if ($found.Count -gt 1) {
      Add-Problem "service: several have the name or description ${called}: $([string]::Join(' ', [string[]]$found.ToArray([string])))."
      return
    }
    $name = [string]$found[0]
    $script:Service = $name
    if ((Get-ServiceSetting $name 'Start') -eq 4) { Add-Problem "service: $name is disabled: it could not be started again." }
    if ((Get-ServiceSetting $name 'DeleteFlag') -eq 1) { Add-Problem "service: $name is marked for deletion." }
    $dependents = @(Get-RunningDependents)
    if ($dependents.Count -gt 0) {
      Add-Problem "service: $name has services that depend on it and run: $([string]::Join(' ', [string[]]$dependents)). Keyturn stops none of them."
    }
  } catch {
    Add-Problem 'serviceManager: the services of this host cannot be listed.'
  }
}

# When the service's process began: $script:Began in seconds since 1970, and $script:BeganMark, which differs for every start.
# $null and '' where its manager does not tell.
function Find-ServiceStart {
  $script:Began = $null
  $script:BeganMark = ''
  if (Test-Same $script:Field['serviceManager'] 'command') {
    $told = ''
    foreach ($line in @(Get-Lines (Read-ToolOutput @(Get-Lines $script:Field['statusCommand'])))) {
      if ($line.StartsWith('started ', [StringComparison]::Ordinal)) { $told = $line.Substring(8).TrimEnd([char[]]@([char]13)) }
    }
    if (-not [regex]::IsMatch($told, '\A[1-9][0-9]{0,10}\z')) { return }
    $script:BeganMark = $told
    Set-Began ([long]::Parse($told, $script:Invariant))
    return
  }
  $process = Get-ServiceProcess
  if ($null -eq $process) { return }
  try {
    $began = $process.StartTime
    if ($null -eq $began) { return }
    $began = $began.ToUniversalTime()
    Set-Began ([long][Math]::Floor(($began - $script:UnixZero).TotalSeconds))
    $script:BeganMark = [string]$process.Id + '-' + $began.Ticks.ToString($script:Invariant)
  } catch {
    $script:Began = $null
  } finally {
    $process.Dispose()
  }
}

# A beginning in the future is no beginning: the clock was set back since.
function Set-Began([long]$Seconds) {
  if ($Seconds -le (Get-Epoch) + 2) { $script:Began = $Seconds }
}

# Whether the process that runs began before the swap, as far as its manager tells; in whole seconds it may be one off.
function Test-BeganBeforeSwap {
  Find-ServiceStart
  if ($script:BeganMark.Length -eq 0 -or $null -eq $script:SwappedMs) { return $false }
  if (Test-Same $script:BeganMark $script:FormerMark) { return $true }
  if ($null -eq $script:Began) { return $false }
  $swappedAt = (Get-Epoch) - [long][Math]::Floor([double]((Get-NowMs) - $script:SwappedMs) / 1000)
  return ($script:Began -lt $swappedAt - 1)
}

# The first of the names that were given.
function Get-FirstName {
  $names = @(Get-Lines $script:Field['service'])
  if ($names.Count -eq 0) { return '' }
  return [string]$names[0]
}

# Waits until the service is in a state, at most some seconds after $Since (milliseconds).
function Wait-ServiceState([string]$Wanted, [int]$Seconds, [long]$Since) {
  # A look at a Windows service costs nothing, a command is a program.
  $pause = 20
  if (Test-Same $script:Field['serviceManager'] 'command') { $pause = 100 }
  while ($true) {
    Update-ServiceState
    if (Test-Same $script:State $Wanted) { return $true }
    if ((Get-NowMs) -ge $Since + [long]$Seconds * 1000) { return $false }
    Wait-Moment $pause
  }
}

# The process of a Windows service that has one of its own; $null where it has none, or cannot be found.
function Get-ServiceProcess {
  try {
    if (([int](Get-ServiceSetting $script:Service 'Type') -band 16) -eq 0) { return $null }
    $shown = Read-ToolOutput @(([Environment]::SystemDirectory + '\sc.exe'), 'queryex', $script:Service)
    # By its place, whatever language the labels are in: of the lines with a value the process is the last but one.
    $found = [regex]::Matches($shown, '(?m)^[^:\r\n]+:(.*)$')
    if ($found.Count -lt 2) { return $null }
    $number = $found[$found.Count - 2].Groups[1].Value.Trim()
    if (-not [regex]::IsMatch($number, '\A[1-9][0-9]*\z')) { return $null }
    return [Diagnostics.Process]::GetProcessById([int]::Parse($number, $script:Invariant))
  } catch {
    return $null
  }
}

# That process, taken before the stop is asked for.
function Save-ServiceProcess {
  $script:ServiceProcess = Get-ServiceProcess
  if ($null -eq $script:ServiceProcess) { return }
  try {
    # The handle is opened now, so that the process is told from a later one with the same id; one that cannot be looked at
    # is not waited for.
    [void]$script:ServiceProcess.Handle
    if ($null -eq $script:ServiceProcess.HasExited) { $script:ServiceProcess = $null }
  } catch {
    $script:ServiceProcess = $null
  }
}

# Until when a stop that was asked for at $Asked may still be watched: before the dead-man switch ends this run, and in time for
# one more start.
function Set-StopWatch([long]$Asked) {
  $n = $script:Number
  $reserve = $n['startTimeoutSeconds'] + $n['settleSeconds'] + 5
  $script:ActUntil = $Asked + [long]($n['deadManSeconds'] - $reserve) * 1000
  if ($null -ne $script:DeadlineAt) {
    $script:ActUntil = [Math]::Min($script:ActUntil, [long]($script:DeadlineAt - [long]$reserve * 1000))
  }
}

# Asks a Windows service to stop, and again each second until it has: one that is starting refuses. $script:StartedAnew
# where it has stopped and somebody else has started it at once, as a recovery action of the service manager does.
function Wait-WindowsStop([int]$Seconds, [long]$Since) {
  $script:StartedAnew = $false
  $again = $Since
  $refusal = ''
  while ($true) {
    Update-ServiceState
    $now = Get-NowMs
    if (Test-Same $script:State 'stopped') {
      $script:Stopping = $false
      return $true
    }
    if (Test-Same $script:State 'running') {
      if ($null -ne $script:ServiceProcess -and $script:ServiceProcess.HasExited) {
        $script:StartedAnew = $true
        $script:Stopping = $false
        if ($null -ne $script:DownSince) { $script:Downtime = $script:Downtime + $now - $script:DownSince }
        $script:DownSince = $null
        $script:RunningSince = $now
        $script:Fault = 'somebody else started it as soon as it had stopped (a recovery action of the service manager?)'
        return $false
      }
    }
    if ($now -ge $again) {
      $again = $now + 1000
      $refusal = ''
      try {
        (Get-Controller).Stop()
      } catch {
        $refusal = Get-Cause $_.Exception
      }
    }
    if ($now -ge $Since + [long]$Seconds * 1000) {
      $script:Fault = "the service did not stop within $Seconds seconds$refusal"
      return $false
    }
    Wait-Moment 20
  }
}

# While $script:Stopping, a stop of ours may be on its way: whoever leaves then may leave the service stopped.
function Stop-HostService {
  $limit = $script:Number['stopTimeoutSeconds']
  $windows = -not (Test-Same $script:Field['serviceManager'] 'command')
  if ($windows) { Save-ServiceProcess }
  $since = Get-NowMs
  $script:Stopping = $true
  if ($null -eq $script:DownSince) { $script:DownSince = $since }
  if ($null -eq $script:ActUntil) { Set-StopWatch $since }
  if ($windows) {
    try {
      # Stop would stop these too.
      $dependents = @(Get-RunningDependents)
      if ($dependents.Count -gt 0) {
        $script:Fault = "services that depend on it have been started: $([string]::Join(' ', [string[]]$dependents))"
        $script:Stopping = $false
        return $false
      }
    } catch {
      # It cannot be looked at: the state below tells.
      Wait-Moment 1
    }
    return (Wait-WindowsStop $limit $since)
  } elseif ((Invoke-HostCommand $limit @(Get-Lines $script:Field['stopCommand'])) -eq 0) {
    # 0 says that it has stopped. Not asked again: while the service is stopped every program costs its users.
    $script:State = 'stopped'
    $script:Stopping = $false
    return $true
  }
  if (Wait-ServiceState 'stopped' $limit $since) {
    $script:Stopping = $false
    return $true
  }
  $script:Fault = "the service did not stop within $limit seconds"
  return $false
}

# Asks for the start, and again where it has visibly failed: after a pause that doubles, until the service runs or its limit
# is over. While a stop may be on its way that limit begins once the service has stopped.
function Start-HostService([switch]$Compile) {
  if ($Compile) { return $false }
  $limit = $script:Number['startTimeoutSeconds']
  $command = Test-Same $script:Field['serviceManager'] 'command'
  # A look at a Windows service costs nothing, a command is a program.
  $pause = 20
  if ($command) { $pause = 100 }
  $again = $script:StartAgainSeconds * 1000
  $until = (Get-NowMs) + [long]$limit * 1000
  if ($script:Stopping) { $until = [Math]::Max($until, [long]$script:ActUntil) }
  $script:ServiceProcess = $null
  $refusal = ''
  while ($true) {
    $asked = Get-NowMs
    $script:Restarts = $script:Restarts + 1
    $code = 0
    # A command's 0 may mean that it will run; a service that still runs gives 0 too.
    $failed = $true
    if ($command) {
      $code = Invoke-HostCommand (Get-WholeSeconds ($until - $asked) $limit) @(Get-Lines $script:Field['startCommand'])
      $failed = ($code -ne 0)
    } else {
      $refusal = ''
      try {
        (Get-Controller).Start()
        $script:Stopping = $false
      } catch {
        # Refused, or running already: the state below tells.
        $refusal = Get-Cause $_.Exception
      }
    }
    while ($true) {
      Update-ServiceState
      $now = Get-NowMs
      if (Test-Same $script:State 'running') {
        $script:RunningSince = $now
        if ($null -ne $script:DownSince) { $script:Downtime = $script:Downtime + $now - $script:DownSince }
        $script:DownSince = $null
        return $true
      }
      if (-not (Test-Same $script:State 'stopped')) {
        $failed = $true
      } elseif ($script:Stopping) {
        $script:Stopping = $false
        $again = $script:StartAgainSeconds * 1000
        $until = $now + [long]$limit * 1000
        break
      } elseif ($failed -and $now -ge $asked + $again -and $now -lt $until) {
        break
      }
      if ($now -ge $until) {
        $script:Fault = "the service did not run within $limit seconds of its start$refusal"
        if ($code -eq 126 -or $code -eq 127) { $script:Fault = "$($script:Fault): its command could not be run ($code)" }
        return $false
      }
      Wait-Moment $pause
    }
    $again = [Math]::Min($again * 2, $script:StartAgainMostSeconds * 1000)
  }
}

# ---------------------------------------------------------------------------------------------- host

function Confirm-Tools {
  if ($script:OnWindows) {
    $identity = [Security.Principal.WindowsIdentity]::GetCurrent()
    $administrator = [Security.Principal.WindowsPrincipal]::new($identity).IsInRole([Security.Principal.WindowsBuiltInRole]::Administrator)
    if (-not $administrator) {
      Add-Problem "This user is no administrator, or not with an elevated token: the dead-man switch, a task of SYSTEM, needs one."
    }
    if (Test-Expanded $PSCommandPath) { Add-Problem "The script's path $PSCommandPath must hold no %...% and no `$(...): the Task Scheduler puts something else in their place." }
    foreach ($tool in @('Register-ScheduledTask', 'Start-ScheduledTask', 'Unregister-ScheduledTask', 'Get-Acl', 'Set-Acl')) {
      if ($null -eq (Get-Command -Name $tool -ErrorAction SilentlyContinue)) { Add-Problem "$tool is not on this host." }
    }
    return
  }
  foreach ($tool in @('cp', 'df', 'id', 'ln', 'ls', 'mkdir', 'setsid', 'sh', 'stat', 'sync', 'test', 'timeout')) {
    if ($null -eq (Get-Command -Name $tool -CommandType Application -ErrorAction SilentlyContinue)) { Add-Problem "$tool is not on this host." }
  }
}

# Each command's program is there: a start that cannot be asked for is found out before the stop.
function Confirm-Programs {
  if (-not (Test-Same $script:Field['serviceManager'] 'command')) { return }
  foreach ($name in @('startCommand', 'stopCommand', 'statusCommand')) {
    $program = [string]@(Get-Lines $script:Field[$name])[0]
    if (-not (Test-Program $program)) { Add-Problem "${name}: its program $program is not on this host, or cannot be run." }
  }
}

# Whether the system finds a program by its path or name. Windows adds .exe and nothing else.
function Test-Program([string]$Program) {
  if ($Program.IndexOfAny([char[]]@([char]47, [char]92)) -ge 0) {
    if ($script:OnWindows) { return ([IO.File]::Exists($Program) -or [IO.File]::Exists($Program + '.exe')) }
    return ([IO.File]::Exists($Program) -and (Invoke-HostCommand $script:StatusSeconds @('test', '-x', $Program)) -eq 0)
  }
  foreach ($found in @(Get-Command -Name $Program -CommandType Application -ErrorAction SilentlyContinue)) {
    if (-not $script:OnWindows -or [IO.Path]::HasExtension($Program) -or (Test-OneOf ([IO.Path]::GetExtension($found.Path).ToLowerInvariant()) @('.exe'))) { return $true }
  }
  return $false
}

# Free kilobytes ($null: unknown) and mount point of the file system that holds a path: $script:Room, $script:Mount.
function Get-FileSystem([string]$Path) {
  $script:Room = $null
  $script:Mount = ''
  if ($script:OnWindows) {
    try {
      $free = [IO.DriveInfo]::new([IO.Path]::GetPathRoot($Path)).AvailableFreeSpace
      if ($null -ne $free) { $script:Room = [long][Math]::Floor([double]$free / 1024) }
    } catch {
      $script:Room = $null
    }
    return
  }
  $lines = @(Get-Lines (Read-ToolOutput @('df', '-P', $Path)))
  if ($lines.Count -lt 2) { return }
  $match = [regex]::Match([string]$lines[1], '\A.*\s([0-9]+)\s+(?:[0-9]+%|-)\s+(.*)\z')
  if (-not $match.Success) { return }
  $script:Room = [long]::Parse($match.Groups[1].Value, $script:Invariant)
  $script:Mount = $match.Groups[2].Value
}

function Get-Folder([string]$Path) {
  $folder = [IO.Path]::GetDirectoryName($Path)
  if ([string]::IsNullOrEmpty($folder)) { return '/' }
  return $folder
}

function Confirm-File {
  $path = $script:Field['filePath']
  $folder = Get-Folder $path
  $attributes = $null
  try { $attributes = [IO.File]::GetAttributes($path) } catch { $attributes = $null }
  if ($null -ne $attributes -and [int]($attributes -band [IO.FileAttributes]::ReparsePoint) -ne 0) {
    Add-Problem "filePath: $path is a symbolic link. Name the file itself."
    return
  } elseif ([IO.Directory]::Exists($path)) {
    Add-Problem "filePath: $path is a folder."
    return
  }
  if ($script:OnWindows) { Confirm-WindowsFile $path }
  Get-FileMeta $path
  if ($null -eq $attributes -or -not [IO.File]::Exists($path) -or -not $script:FileMode.StartsWith('-', [StringComparison]::Ordinal)) {
    Add-Problem "filePath: $path is not there, or is not a regular file."
    return
  }
  $uid = Get-UserId
  if (-not [regex]::IsMatch($script:FileMode, '\A..w')) { Add-Problem "filePath: $path is read-only." }
  if ($script:Names -ne 1) {
    Add-Problem "filePath: $path has $($script:Names) names (hard links); replacing it would part them."
  }
  # On Windows an elevated administrator may give a file to any owner; Confirm-Tools asks for one.
  if (-not $script:OnWindows -and -not (Test-Same $uid '0') -and -not (Test-Same $uid $script:FileUid)) {
    Add-Problem "filePath: $path is owned by user $($script:FileUid); user $uid cannot keep that."
  }
  $stream = $null
  try {
    $stream = [IO.FileStream]::new($path, [IO.FileMode]::Open, [IO.FileAccess]::ReadWrite, $script:ShareAll)
  } catch {
    Add-Problem "filePath: $path cannot be opened for reading and writing."
    return
  } finally {
    if ($null -ne $stream) { $stream.Dispose() }
  }
  if (-not $script:OnWindows) {
    if ((Invoke-HostCommand $script:StatusSeconds @('test', '-w', $folder)) -ne 0) {
      Add-Problem "filePath: the folder $folder cannot be written to."
    }
    Get-FileSystem $path
    $fileMount = $script:Mount
    Get-FileSystem $folder
    if (-not (Test-Same $script:Mount $fileMount)) {
      Add-Problem "filePath: $path is a mount of its own; it cannot be replaced."
    }
  } else {
    Get-FileSystem $path
  }
  $size = [Math]::Max((Get-FileSize $path), [long]$script:NewText.Length)
  $need = [long][Math]::Floor([double]$size * 3 / 1024) + 64
  if ($null -ne $script:Room -and $script:Room -lt $need) {
    Add-Problem "filePath: no room beside ${path}: $($script:Room) KiB free, $need needed."
  }
  if ((Test-Same $script:Field['fileMode'] 'edit') -and -not (Find-EditPlace $path)) { Add-Problem "filePath: $($script:Fault)." }
}

# The state folder is named after the file, so that two runs on one file meet: a file has a short name too (INSTAN~1.JSO).
# Windows PowerShell 5.1 knows no path of more than 259 characters: the longest that a run needs is that of its lock.
function Confirm-WindowsFile([string]$Path) {
  $name = [IO.Path]::GetFileName($Path)
  try {
    # 5.1 finds others by this name too, 7 none but its own.
    $listed = $false
    foreach ($found in @([IO.Directory]::GetFileSystemEntries((Get-Folder $Path), $name))) {
      if ([string]::Equals([IO.Path]::GetFileName($found), $name, [StringComparison]::OrdinalIgnoreCase)) { $listed = $true }
    }
    if (-not $listed -and [IO.File]::Exists($Path)) { Add-Problem "filePath: $Path is a short name: its folder lists the file by another. Name the file so." }
  } catch {
    # No such folder: the file is not there either, which is said next.
    Wait-Moment 1
  }
  $most = 259 - '/lock.4294967295-638000000000000000-0'.Length
  if ($PSVersionTable.PSVersion.Major -lt 6 -and $script:Dir.Length -gt $most) {
    Add-Problem "filePath: $Path is too long for Windows PowerShell 5.1: with .keyturn it must have at most $most characters. Install PowerShell 7, or move the file."
  }
}

# Who may use the state folder on Windows: its user, SYSTEM and Administrators.
function Get-TrustedSids {
  return @((Get-UserId), 'S-1-5-18', 'S-1-5-32-544')
}

# A folder of this user's, closed to others.
function Test-Closed([string]$Path) {
  $attributes = $null
  try { $attributes = [IO.File]::GetAttributes($Path) } catch { return $false }
  $uid = Get-UserId
  $ours = $true
  if (-not $script:OnWindows) {
    Get-FileMeta $Path
    $ours = [regex]::IsMatch($script:Meta, '\Adrwx--[S-]---\.? ' + [regex]::Escape($uid) + ' ')
  } else {
    try {
      $sid = [Security.Principal.SecurityIdentifier]
      $trusted = @(Get-TrustedSids)
      $acl = Get-Acl -LiteralPath $Path
      if ([int]($attributes -band [IO.FileAttributes]::ReparsePoint) -ne 0 -or -not [IO.Directory]::Exists($Path)) { $ours = $false }
      if (-not $acl.AreAccessRulesProtected) { $ours = $false }
      $owner = $acl.GetOwner($sid)
      if (-not (Test-OneOf $owner.Value $trusted)) { $ours = $false }
      foreach ($rule in $acl.GetAccessRules($true, $true, $sid)) {
        if (-not (Test-OneOf $rule.IdentityReference.Value $trusted)) { $ours = $false }
      }
    } catch {
      $ours = $false
    }
  }
  return $ours
}

function Confirm-StateFolder {
  $dir = $script:Dir
  try { [void][IO.File]::GetAttributes($dir) } catch { return }
  if (Test-Closed $dir) { return }
  $uid = Get-UserId
  if ($script:OnWindows) {
    Add-Problem "The state folder $dir must be a folder of user $uid with an access list of its own: this user, SYSTEM, Administrators."
  } else {
    Add-Problem "The state folder $dir must be a folder of user $uid with mode 700."
  }
}

# A file in the state folder that stays open to the end: Windows renames no folder in which one is. True where the folder is,
# then, still ours; the dead-man switch, which is SYSTEM, does not know of whom.
function Lock-StateFolder {
  $held = $script:Dir + '/held.' + [string]$PID
  if ($script:OnWindows) {
    try {
      $script:Held = [IO.FileStream]::new($held, [IO.FileMode]::Create, [IO.FileAccess]::ReadWrite, $script:ShareAll, 1, [IO.FileOptions]::DeleteOnClose)
    } catch {
      return $false
    }
  }
  return ((Test-Same $script:Mode 'deadman') -or (Test-Closed $script:Dir))
}

# Makes the state folder, closed to others from the start as far as the system can.
function New-StateFolder {
  $dir = $script:Dir
  if (-not $script:OnWindows) { return ((Invoke-HostCommand $script:StatusSeconds @('mkdir', '-m', '700', $dir)) -eq 0) }
  try {
    [void][IO.Directory]::CreateDirectory($dir)
    $acl = Get-Acl -LiteralPath $dir
    $acl.SetAccessRuleProtection($true, $false)
    foreach ($rule in @($acl.GetAccessRules($true, $false, [Security.Principal.SecurityIdentifier]))) { [void]$acl.RemoveAccessRule($rule) }
    foreach ($one in @(Get-TrustedSids)) {
      $sid = [Security.Principal.SecurityIdentifier]::new([string]$one)
      $inherit = [Security.AccessControl.InheritanceFlags]'ContainerInherit, ObjectInherit'
      $rule = [Security.AccessControl.FileSystemAccessRule]::new($sid, [Security.AccessControl.FileSystemRights]::FullControl, $inherit, [Security.AccessControl.PropagationFlags]::None, [Security.AccessControl.AccessControlType]::Allow)
      $acl.AddAccessRule($rule)
    }
    Set-Acl -LiteralPath $dir -AclObject $acl
    return $true
  } catch {
    return $false
  }
}

function Confirm-Trace {
  $f = $script:Field
  if (-not (Test-Same $f['window'] 'trace') -and -not (Test-Same $f['proofSyncLine'] 'true') -and ($f['failurePatterns'] + $f['successPatterns']).Length -eq 0) { return }
  $folder = $f['traceDirectory']
  if (-not [IO.Directory]::Exists($folder)) {
    Add-Problem "traceDirectory: $folder is not a folder that can be read."
    return
  }
  Find-TraceFiles
  if ($script:Newest.Length -eq 0) {
    Add-Problem "tracePattern: no trace $($f['tracePattern']) of the last 12 months is in $folder."
  } elseif ($null -eq (Read-Latin $script:Newest 0 1)) {
    Add-Problem "tracePattern: $($script:Newest) cannot be read."
  } elseif (Test-Utf16 $script:Newest) {
    Add-Problem "tracePattern: $($script:Newest) is in UTF-16, in which no line would be found."
  }
}

function Confirm-Host {
  Enter-Phase 'host'
  Confirm-Tools
  Confirm-Programs
  if ($script:Problems.Count -gt 0) { Exit-Problems 'The host lacks something' 'Nothing was touched. Install it and run again.' }
  Find-HostService
  $script:Dir = $script:Field['filePath'] + '.keyturn'
  Confirm-File
  Confirm-StateFolder
  Confirm-Trace
  if ($script:Problems.Count -gt 0) { Exit-Problems 'The host is not ready' 'Nothing was touched. Put this right and run again.' }
}

# A service that somebody else stopped is not ours to start.
function Confirm-Running {
  Update-ServiceState
  if (Test-Same $script:State 'running') { return }
  if ($script:WasInterrupted.Length -gt 0 -and -not (Test-Same $script:Mode 'apply')) {
    Exit-Report 'ready' "An earlier update was interrupted ($($script:WasInterrupted)); the dead-man switch or apply puts it right." ''
  }
  Exit-Report 'refused' "The service $($script:Service) is not running ($($script:State)), and Keyturn did not stop it." 'Start it, or find out who stopped it, and run again.'
}

# ---------------------------------------------------------------------------------------------- file

# edit: finds the one value in the file or a copy of it. Leaves the value there now in $script:EditCurrent and the whole new file in $script:NewText.
# Else $script:Fault.
function Find-EditPlace([string]$Path) {
  $before = $script:Secret['before']
  $after = $script:Secret['after']
  $text = Read-Latin $Path 0 -1
  if ($null -eq $text) {
    $script:Fault = 'the file cannot be read'
    return $false
  }
  if ($text.IndexOf([char]0) -ge 0) {
    $script:Fault = 'the file holds NUL bytes; mode edit takes text of one byte per ASCII character'
    return $false
  }
  $at = Find-Text $text $before 0
  if ($at -lt 0) {
    $script:Fault = 'the file does not hold the text before the value'
    return $false
  }
  $from = $at + $before.Length
  if ((Find-Text $text $before $from) -ge 0) {
    $script:Fault = 'the file holds the text before the value more than once'
    return $false
  }
  $end = Find-Text $text $after $from
  if ($end -lt 0) {
    $script:Fault = 'the file does not hold the text after the value'
    return $false
  }
  $script:EditCurrent = $text.Substring($from, $end - $from)
  $script:NewText = $text.Substring(0, $from) + $script:Secret['value'] + $text.Substring($end)
  if ($script:EditCurrent.IndexOf([char]10) -ge 0 -or $script:EditCurrent.IndexOf([char]13) -ge 0) {
    $script:Fault = 'the value in the file would run over a line break'
    return $false
  }
  if ((Find-Text ($script:Secret['value'] + $text.Substring($end)) $before 0) -ge 0) {
    $script:Fault = 'the file with the new value would hold the text before the value more than once'
    return $false
  }
  return $true
}

# Owner and access list of one file to another, on Windows. The owner by icacls, which takes the right to give a file away out
# of an administrator's token; .NET does not, and that of the dead-man switch, SYSTEM's, holds it asleep. So the access list
# is written alone: only what was changed is.
function Copy-Access([string]$From, [string]$To) {
  $sid = [Security.Principal.SecurityIdentifier]
  $acl = Get-Acl -LiteralPath $From
  $made = Get-Acl -LiteralPath $To
  $owner = $acl.GetOwner($sid).Value
  $maker = $made.GetOwner($sid).Value
  if (-not (Test-Same $owner $maker)) {
    $words = @(([Environment]::SystemDirectory + '\icacls.exe'), $To.Replace('/', '\'), '/setowner', ('*' + $owner))
    if ((Invoke-HostCommand $script:ToolSeconds $words) -ne 0) { return $false }
  }
  # What the file inherits in its own folder is written out here, or the copy would inherit something else.
  $acl.SetAccessRuleProtection($true, $true)
  $info = [IO.FileInfo]::new($To)
  if ($PSVersionTable.PSVersion.Major -ge 6) {
    [IO.FileSystemAclExtensions]::SetAccessControl($info, $acl)
  } else {
    $info.SetAccessControl($acl)
  }
  return $true
}

# A regular file under its own name, and under no other.
function Test-OnlyName([string]$Path) {
  if (-not (Test-PlainFile $Path)) { return $false }
  Get-FileMeta $Path
  return ($script:Names -eq 1)
}

# A copy with owner, mode, access list and times, flushed; they are in place before the first byte is. Of a regular file of one
# name only, the very one that stands at the path: on Linux it is opened, looked at and copied by its descriptor, on Windows
# (where an ordinary user can make no symbolic link) looked at before and after it was read.
function Copy-FileWhole([string]$From, [string]$To) {
  Remove-File $To
  if (-not $script:OnWindows) {
    $opening = 'exec 5<"$1" && one=$(stat -Lc %d:%i:%h:%f /proc/self/fd/5) && [ "$one" = "$(stat -c %d:%i:%h:%f "$1")" ] || exit 1; case $one in *:1:8*) exec cp -aL /proc/self/fd/5 "$2" ;; esac; exit 1'
    if (-not (Test-PlainFile $From)) { return $false }
    if ((Invoke-HostCommand $script:ToolSeconds @('sh', '-c', $opening, 'sh', $From, $To)) -ne 0) { return $false }
    Sync-Path $To
    return $true
  }
  try {
    if (-not (Test-OnlyName $From)) { return $false }
    $text = Read-Ours $From
    if ($null -eq $text) {
      $script:Obstacle = 'it cannot be read: it is in use'
      return $false
    }
    if (-not (Test-OnlyName $From)) { return $false }
    if (-not (Write-Latin $To '')) { return $false }
    if (-not (Copy-Access $From $To)) { return $false }
    if (-not (Write-Latin $To $text)) { return $false }
    [IO.File]::SetCreationTimeUtc($To, [IO.File]::GetCreationTimeUtc($From))
    [IO.File]::SetLastWriteTimeUtc($To, [IO.File]::GetLastWriteTimeUtc($From))
    return $true
  } catch {
    Set-Obstacle $_.Exception
    return $false
  }
}

# backup and staged, with the file's owner, mode and ACL; staged holds the new bytes. Else $script:Fault.
function New-StagedFile {
  $dir = $script:Dir
  $path = $script:Field['filePath']
  $script:Fault = 'the file is not there any more, or is not a regular file'
  if (-not (Test-PlainFile $path)) { return $false }
  $script:Obstacle = 'no room?'
  # In this order: without staged, the file is the new one or equal to backup.
  $copied = (Copy-FileWhole $path "$dir/backup.next") -and (Move-Over "$dir/backup.next" "$dir/backup")
  if ($copied) {
    Remove-File "$dir/staged"
    $copied = Copy-FileWhole $path "$dir/staged"
  }
  $script:Fault = "the file cannot be copied within $dir ($($script:Obstacle))"
  if (-not $copied) { return $false }
  if ((Test-Same $script:Field['fileMode'] 'edit') -and -not (Find-EditPlace "$dir/backup")) { return $false }
  $script:Fault = "the new file cannot be written in $dir (no room?)"
  if (-not (Write-Latin "$dir/staged" $script:NewText)) { return $false }
  if ((Get-FileSize "$dir/staged") -ne $script:NewText.Length) { return $false }
  if (-not (Test-SameMeta "$dir/staged")) { return $false }
  if (-not (Test-SameMeta "$dir/backup")) { return $false }
  if (Test-Same $script:Field['proofReencrypted'] 'true') {
    try { [IO.File]::SetLastWriteTimeUtc("$dir/staged", $script:StagedTime) } catch { return $false }
    Sync-Path "$dir/staged"
  }
  return $true
}

# Owner, mode and ACL of a copy as those of the file.
function Test-SameMeta([string]$Path) {
  Get-FileMeta $script:Field['filePath']
  $target = $script:Meta
  $script:FormerMeta = $target
  Get-FileMeta $Path
  if ((Test-Same $script:Meta $target) -and $target.Length -gt 0) { return $true }
  $script:Fault = "owner, mode or access list of the file cannot be kept (is $target, would be $($script:Meta))"
  return $false
}

# Whether the second file is there and equal to the first; a pipe is never waited for.
function Test-SameFiles([string]$One, [string]$Other) {
  if (-not (Test-PlainFile $Other)) { return $false }
  $text = Read-Ours $One
  if ($null -eq $text) { return $false }
  $second = Read-Ours $Other
  if ($null -eq $second) { return $false }
  return (Test-Same $text $second)
}

# Whether the new file was put in place, in $script:Swapped: staged goes with that rename only, while the service may be stopped.
function Find-Swap {
  $dir = $script:Dir
  $script:Swapped = -not ([IO.File]::Exists("$dir/staged") -or -not (Test-PlainFile "$dir/backup") -or (Test-SameFiles "$dir/backup" $script:Field['filePath']))
}

# Whether the file is the new one still, as it was put in place: no service may have written it yet.
function Test-SwapStands {
  if ((Test-Same $script:Field['proofReencrypted'] 'true') -and (Test-FileRewritten)) { return $false }
  return (Test-FileIsNew)
}

# Whether the file is the former one again. The dead-man switch, which knows no value, takes one that is equal to it for that.
# Where the former file holds the same secret, the service may make the same bytes of both.
function Test-SwapUndone {
  if (Test-Same $script:AdoptedKey $script:Field['keyId']) { return $false }
  if (-not (Test-SameFiles ($script:Dir + '/backup') $script:Field['filePath'])) { return $false }
  return ((Test-Same $script:Mode 'deadman') -or -not (Test-FileIsNew))
}

# Puts backup back over the file, atomically; nothing to do when the file is not the new one, or equal to backup. One that
# is gone (a ReplaceFile in vain may have done that), or has become a link, is put back too, whoever did that.
function Restore-FormerFile {
  $dir = $script:Dir
  $path = $script:Field['filePath']
  if (Test-PlainFile $path) {
    if (-not $script:Swapped) { return $true }
    if (Test-SameFiles "$dir/backup" $path) { return $true }
  }
  $script:Obstacle = ''
  if (Copy-FileWhole "$dir/backup" "$dir/restore.next") {
    if (Move-OverFile "$dir/restore.next" 100) {
      Sync-Path (Get-Folder $path)
      return $true
    }
  } elseif ($script:Obstacle.Length -gt 0) {
    $script:Obstacle = " ($($script:Obstacle))"
  }
  $script:Fault = "the former file could not be put back$($script:Obstacle)"
  return $false
}

# Does the file hold the value, or is it what was given? NULs are left out, so that UTF-16 hides nothing. A file that cannot
# be read (the service is writing it) is not free of the value yet.
function Test-FileHoldsValue {
  $text = Read-Latin $script:Field['filePath'] 0 -1
  if ($null -eq $text) { return $true }
  return ((Find-Text ($text.Replace([string][char]0, '')) $script:Secret['value'] 0) -ge 0)
}

function Test-FileIsContent {
  $text = Read-Latin $script:Field['filePath'] 0 -1
  if ($null -eq $text) { return $false }
  return (Test-Same $text $script:Secret['content'])
}

# What this run writes: the content, or the value in its place.
function Test-FileIsNew {
  if (-not (Test-Same $script:Field['fileMode'] 'edit')) { return (Test-FileIsContent) }
  return ((Find-EditPlace $script:Field['filePath']) -and (Test-Same $script:EditCurrent $script:Secret['value']))
}

# Written by the service since the swap: its time is not the one that staged was given.
function Test-FileRewritten {
  try {
    $path = $script:Field['filePath']
    return ([IO.File]::Exists($path) -and [IO.File]::GetLastWriteTimeUtc($path) -gt $script:StagedTime.AddMinutes(1))
  } catch {
    return $false
  }
}

function Test-Reencrypted {
  if (-not (Test-FileRewritten)) { return $false }
  if (Test-Same $script:Mode 'deadman') { return $true }
  if (Test-FileHoldsValue) { return $false }
  return ((Test-Same $script:Field['fileMode'] 'edit') -or -not (Test-FileIsContent))
}

# ---------------------------------------------------------------------------------------------- trace and window

# $script:Newest and $script:Older (may be empty): trace files by the clock's year and month, 12 months back.
function Find-TraceFiles {
  $script:Newest = ''
  $script:Older = ''
  $now = [DateTime]::Now
  $year = $now.Year
  $month = $now.Month
  for ($back = 0; $back -lt 12 -and $script:Older.Length -eq 0; $back++) {
    $name = $script:Field['tracePattern']
    $at = Find-Text $name 'YYYY' 0
    if ($at -ge 0) {
      $tail = $name.Substring($at + 4)
      $two = Find-Text $tail 'MM' 0
      $one = Find-Text $tail 'M' 0
      if ($two -ge 0) {
        $tail = $tail.Substring(0, $two) + $month.ToString('00', $script:Invariant) + $tail.Substring($two + 2)
      } elseif ($one -ge 0) {
        $tail = $tail.Substring(0, $one) + $month.ToString($script:Invariant) + $tail.Substring($one + 1)
      }
      $name = $name.Substring(0, $at) + $year.ToString('0000', $script:Invariant) + $tail
    }
    $path = $script:Field['traceDirectory'] + '/' + $name
    if ([IO.File]::Exists($path) -and -not (Test-Same $path $script:Newest)) {
      if ($script:Newest.Length -eq 0) { $script:Newest = $path } else { $script:Older = $path }
    }
    $month = $month - 1
    if ($month -lt 1) {
      $month = 12
      $year = $year - 1
    }
  }
}

# Does the line name an instance: with no letter, digit, _ or - beside it?
function Test-Named([string]$Line, [string]$Name) {
  $from = 0
  while ($true) {
    $at = Find-Text $Line $Name $from
    if ($at -lt 0) { return $false }
    $end = $at + $Name.Length
    $before = ($at -eq 0 -or -not [regex]::IsMatch([string]$Line[$at - 1], '[A-Za-z0-9_-]'))
    $behind = ($end -ge $Line.Length -or -not [regex]::IsMatch([string]$Line[$end], '[A-Za-z0-9_-]'))
    if ($before -and $behind) { return $true }
    $from = $at + 1
  }
}

# The last complete time of each instance in a text, one object each; "none" for an instance without. Call it inside @( ).
function Get-LastSyncTimes([string]$Text) {
  $prefix = ConvertTo-Latin $script:Field['tracePrefix']
  $suffix = ConvertTo-Latin $script:Field['traceSuffix']
  $names = @(Get-Lines (ConvertTo-Latin $script:Field['traceInstances']))
  $last = [string[]]::new([Math]::Max(1, $names.Count))
  for ($i = 0; $i -lt $last.Length; $i++) { $last[$i] = 'none' }
  $from = 0
  while ($from -lt $Text.Length) {
    $at = Find-Text $Text $prefix $from
    if ($at -lt 0) { break }
    $begin = 0
    if ($at -gt 0) { $begin = $Text.LastIndexOf([char]10, $at - 1) + 1 }
    $end = $Text.IndexOf([char]10, $at)
    if ($end -lt 0) { $end = $Text.Length }
    $from = $end + 1
    $line = $Text.Substring($begin, $end - $begin)
    $timeAt = $at - $begin + $prefix.Length
    if ($timeAt + 19 -gt $line.Length) { continue }
    $time = $line.Substring($timeAt, 19)
    if (-not [regex]::IsMatch($time, '\A[0-9]{4}-[0-9]{2}-[0-9]{2} [0-9]{2}:[0-9]{2}:[0-9]{2}\z')) { continue }
    if (-not $line.Substring($timeAt + 19).StartsWith($suffix, [StringComparison]::Ordinal)) { continue }
    if ($names.Count -eq 0) { $last[0] = $time }
    for ($i = 0; $i -lt $names.Count; $i++) { if (Test-Named $line ([string]$names[$i])) { $last[$i] = $time } }
  }
  foreach ($time in $last) { $time }
}

# Earliest of the instances' last times: $script:NextSync (seconds since 1970), $null when one is missing, or so far ahead
# that it announces nothing; $script:LastSync: the latest of them.
function Set-NextSync([string[]]$Times) {
  $script:NextSync = $null
  $script:LastSync = [long]0
  $missing = $false
  $ahead = (Get-Epoch) + $script:AheadSeconds
  foreach ($time in $Times) {
    $epoch = $null
    if (-not (Test-Same $time 'none')) { $epoch = ConvertTo-Epoch $time }
    if ($null -eq $epoch -or $epoch -gt $ahead) {
      $missing = $true
    } else {
      if ($null -eq $script:NextSync -or $epoch -lt $script:NextSync) { $script:NextSync = $epoch }
      if ($epoch -gt $script:LastSync) { $script:LastSync = $epoch }
    }
  }
  if ($missing) { $script:NextSync = $null }
}

# Offset of local time from UTC at an instant, in seconds.
function Get-Offset([long]$Epoch) {
  return [long][Math]::Floor([TimeZoneInfo]::Local.GetUtcOffset($script:UnixZero.AddSeconds($Epoch)).TotalSeconds)
}

# 'YYYY-MM-DD HH:MM:SS' in local time to seconds since 1970, $null when it is no time; a time that occurs twice, or never, is
# its earlier reading.
function ConvertTo-Epoch([string]$Time) {
  $part = @(Get-Numbers $Time)
  if ($part[1] -lt 1 -or $part[1] -gt 12 -or $part[2] -lt 1 -or $part[2] -gt 31) { return $null }
  if ($part[0] -lt 1970 -or $part[0] -gt 9990 -or $part[3] -gt 23 -or $part[4] -gt 59 -or $part[5] -gt 60) { return $null }
  $day = [DateTime]::new($part[0], $part[1], 1, 0, 0, 0, [DateTimeKind]::Utc).AddDays($part[2] - 1)
  $wall = [long][Math]::Floor(($day - $script:UnixZero).TotalSeconds) + $part[3] * 3600 + $part[4] * 60 + $part[5]
  $first = $wall - (Get-Offset ($wall - 86400))
  $second = $wall - (Get-Offset ($wall + 86400))
  if ($first -eq $second) { return $first }
  if ($first -gt $second) {
    $swap = $first
    $first = $second
    $second = $swap
  }
  # Near a clock change: the earlier reading that is true, else (a time that does not occur) the earlier one.
  if ($first + (Get-Offset $first) -eq $wall) { return $first }
  if ($second + (Get-Offset $second) -eq $wall) { return $second }
  return $first
}

function Get-Epoch { return [long][Math]::Floor(([DateTime]::UtcNow - $script:UnixZero).TotalSeconds) }

# How far ahead a line may announce a sync, in seconds.
function Get-NearSeconds { return [long][Math]::Max([long]$script:Number['patienceSeconds'], [long]$script:NearSeconds) }

# $script:Safe at this instant; $script:NextSync when the trace tells.
function Update-Window {
  $script:Safe = $false
  $margin = $script:Number['marginSeconds']
  if (Test-Same $script:Field['window'] 'none') {
    $script:Safe = $true
  } elseif (Test-Same $script:Field['window'] 'daily') {
    $part = @(Get-Numbers $script:Field['windowDaily'])
    $now = [DateTime]::Now
    $at = $now.Hour * 3600 + $now.Minute * 60 + $now.Second
    $from = $part[0] * 3600 + $part[1] * 60
    $until = $part[2] * 3600 + $part[3] * 60
    if ($from -lt $until) {
      if ($at -lt $from) { return }
    } else {
      if ($at -lt $from -and $at -ge $until) { return }
      if ($at -ge $from) { $until = $until + 86400 }
    }
    $script:Safe = ($until - $at -ge $margin -and $until -gt $at)
  } else {
    Find-Restart
    Find-TraceFiles
    Set-NextSync @(Get-LastSyncTimes (Read-TraceTails))
    $script:TooFar = $null
    if ($null -eq $script:NextSync -or $null -ne $script:Restarted) { return }
    # A service whose clock is another one than the host's may sync at any moment.
    if ($script:LastSync -gt (Get-Epoch) + (Get-NearSeconds)) {
      $script:TooFar = $script:LastSync
      return
    }
    $script:Safe = ($script:NextSync - (Get-Epoch) -ge $margin)
  }
}

# $script:Restarted: when the service began, if the trace's last lines may be of the process before; it syncs as it starts,
# whatever they announce. After patienceSeconds, longer than a line announces ahead, they are its own; and so are those
# that came behind the trace's end at the first look since that start.
function Find-Restart {
  $script:Restarted = $null
  Find-ServiceStart
  if ($null -eq $script:Began -or (Get-Epoch) - $script:Began -ge $script:Number['patienceSeconds']) { return }
  if (-not (Test-Same $script:BeganMark $script:Watched)) {
    $script:Watched = $script:BeganMark
    $script:WatchedFrom = Get-TraceEnd
  }
  Set-NextSync @(Get-LastSyncTimes (Read-NewTrace $script:WatchedFrom))
  if ($null -eq $script:NextSync) { $script:Restarted = $script:Began }
}

# By its first four bytes: a mark of UTF-16, or every other one is a NUL.
function Test-Utf16([string]$Path) {
  $stream = $null
  $bytes = [byte[]]::new(4)
  try {
    $stream = [IO.FileStream]::new($Path, [IO.FileMode]::Open, [IO.FileAccess]::Read, $script:ShareAll)
    if ($stream.Read($bytes, 0, 4) -lt 4) { return $false }
  } catch {
    return $false
  } finally {
    if ($null -ne $stream) { $stream.Dispose() }
  }
  $words = [BitConverter]::ToString($bytes)
  return [regex]::IsMatch($words, '\A(FF-FE|FE-FF|(?!00)..-00-(?!00)..-00|00-(?!00)..-00-(?!00)..)')
}

# The older trace's end first, so that the newest line comes last.
function Read-TraceTails {
  $text = ''
  if ($script:Older.Length -gt 0) { $text = [string](Read-Latin $script:Older 0 $script:TraceBytes) + $script:LF }
  if ($script:Newest.Length -gt 0) { $text = $text + [string](Read-Latin $script:Newest 0 $script:TraceBytes) }
  return $text
}

# Where the trace ends now, in $script:TraceMark: what comes behind it is new.
function Save-TraceMark {
  $script:TraceMark = ''
  if ($script:Field['traceDirectory'].Length -eq 0 -or $script:Field['tracePattern'].Length -eq 0) { return }
  $script:TraceMark = Get-TraceEnd
}

# Moves the mark behind what was written to that file since; one that has become shorter is begun anew, and all of it is new.
function Update-TraceMark {
  $space = $script:TraceMark.IndexOf([char]32)
  $markedSize = [long]0
  if ($space -le 0 -or -not [long]::TryParse($script:TraceMark.Substring(0, $space), [ref]$markedSize)) { return }
  $markedFile = $script:TraceMark.Substring($space + 1)
  if ($markedFile.Length -eq 0) { return }
  $size = Get-FileSize $markedFile
  if ($size -gt $markedSize) { $script:TraceMark = $size.ToString($script:Invariant) + ' ' + $markedFile }
}

# Where the trace ends now: bytes and file.
function Get-TraceEnd {
  Find-TraceFiles
  $size = [long]0
  if ($script:Newest.Length -gt 0) { $size = [Math]::Max([long]0, [long](Get-FileSize $script:Newest)) }
  return $size.ToString($script:Invariant) + ' ' + $script:Newest
}

# What was written to the trace behind an end of it.
function Read-NewTrace([string]$Mark) {
  $script:TraceUnread = $false
  if ($Mark.Length -eq 0) { return '' }
  Find-TraceFiles
  $space = $Mark.IndexOf([char]32)
  $markedSize = [long]0
  if ($space -le 0 -or -not [long]::TryParse($Mark.Substring(0, $space), [ref]$markedSize)) { return '' }
  $markedFile = $Mark.Substring($space + 1)
  $text = ''
  if ($markedFile.Length -gt 0) {
    $size = Get-FileSize $markedFile
    if ($size -ge 0) {
      if ($size -lt $markedSize) { $markedSize = [long]0 }
      $part = Read-Latin $markedFile $markedSize -1
      if ($null -eq $part) { $script:TraceUnread = $true }
      $text = [string]$part + $script:LF
    }
  }
  if ($script:Newest.Length -gt 0 -and -not (Test-Same $script:Newest $markedFile)) {
    $part = Read-Latin $script:Newest 0 -1
    if ($null -eq $part) { $script:TraceUnread = $true }
    $text = $text + [string]$part
  }
  return $text
}

# Whether all of it could be read then.
function Test-TraceRead { return (-not $script:TraceUnread) }

# The failure pattern that occurs in the first line that has one; '' when there is none.
function Find-FirstFailure([string]$Text) {
  $found = ''
  $first = $Text.Length
  foreach ($pattern in @(Get-Lines $script:Field['failurePatterns'])) {
    $at = Find-Text $Text (ConvertTo-Latin $pattern) 0
    if ($at -lt 0) { continue }
    $begin = 0
    if ($at -gt 0) { $begin = $Text.LastIndexOf([char]10, $at - 1) + 1 }
    if ($begin -lt $first) {
      $first = $begin
      $found = $pattern
    }
  }
  return $found
}

# Is there a line of a successful sync in a text, one for every instance?
function Test-HasSynced([string]$Text) {
  $names = @(Get-Lines (ConvertTo-Latin $script:Field['traceInstances']))
  $synced = [bool[]]::new([Math]::Max(1, $names.Count))
  foreach ($each in @(Get-Lines $script:Field['successPatterns'])) {
    $pattern = ConvertTo-Latin $each
    $from = 0
    while ($from -lt $Text.Length) {
      $at = Find-Text $Text $pattern $from
      if ($at -lt 0) { break }
      $begin = 0
      if ($at -gt 0) { $begin = $Text.LastIndexOf([char]10, $at - 1) + 1 }
      $end = $Text.IndexOf([char]10, $at)
      if ($end -lt 0) { $end = $Text.Length }
      $from = $end + 1
      $line = $Text.Substring($begin, $end - $begin)
      if ($names.Count -eq 0) { $synced[0] = $true }
      for ($i = 0; $i -lt $names.Count; $i++) { if (Test-Named $line ([string]$names[$i])) { $synced[$i] = $true } }
    }
  }
  foreach ($one in $synced) { if (-not $one) { return $false } }
  return $true
}

function Wait-Window {
  Enter-Phase 'window'
  $patience = $script:Number['patienceSeconds']
  if ($null -eq $script:PatienceUntil) { $script:PatienceUntil = (Get-NowMs) + [long]$patience * 1000 }
  while ($true) {
    Update-Window
    if ($script:Safe) { return }
    Confirm-NotInterrupted
    if ((Get-NowMs) -ge $script:PatienceUntil) {
      [void](Close-Journal)
      Exit-Report 'notNow' "$(Get-WindowWords) Waited $patience seconds." 'The next run tries again.'
    }
    Wait-Moment 1000
  }
}

# Why it is not safe now, in one sentence.
function Get-WindowWords {
  $margin = $script:Number['marginSeconds']
  if (Test-Same $script:Field['window'] 'daily') {
    return "Not now: outside the daily window $($script:Field['windowDaily']) less $margin seconds."
  }
  if ($null -ne $script:Restarted) {
    return "Not now: the service was started at $(Format-Utc ($script:UnixZero.AddSeconds($script:Restarted))), and its trace has announced no next sync since, as far as is known."
  }
  if ($null -eq $script:NextSync) { return 'Not now: the trace announces no next sync within 31 days, so no moment is known to be safe.' }
  if ($null -ne $script:TooFar) {
    return "Not now: the trace announces a sync at $(Format-Utc ($script:UnixZero.AddSeconds($script:TooFar))), more than $(Get-NearSeconds) seconds ahead. Either the service's clock is not the host's (restart it by hand after a change of the clock or the time zone), or it announces that far ahead (raise patienceSeconds above it, or give it a daily window)."
  }
  return "Not now: the next sync, $(Format-Utc ($script:UnixZero.AddSeconds($script:NextSync))), is not $margin seconds away."
}

# ---------------------------------------------------------------------------------------------- journal

# Reads the journal: its phase and key, history, last adoption, restored count for this key and retry. False: unreadable.
function Read-Journal {
  $script:JournalPhase = 'closed'
  $script:JournalKey = ''
  $script:JournalRevision = ''
  $script:JournalRetry = '0'
  $script:JournalTime = ''
  $script:TraceMark = ''
  $script:History = @()
  $script:AdoptedKey = ''
  $script:AdoptedRevision = ''
  $script:AdoptedMode = ''
  $script:AdoptedWriter = ''
  $script:RestoredCount = 0
  $path = $script:Dir + '/journal'
  if (-not (Test-There $path)) { return $true }
  $latin = Read-Ours $path
  if ([string]::IsNullOrEmpty($latin) -or $latin.IndexOf([char]0) -ge 0) { return $false }
  $text = ''
  try { $text = $script:Utf8.GetString($script:Latin.GetBytes($latin)) } catch { return $false }
  $first = $true
  $readable = $true
  $phases = @('closed', 'waiting', 'stopping', 'proving', 'restoring')
  foreach ($line in @(Get-Lines $text)) {
    if ($first) {
      $first = $false
      if (-not (Test-Same $line $script:JournalHead)) { $readable = $false }
      continue
    }
    $word = @($line.Split([char[]]@([char]32, [char]9), [StringSplitOptions]::RemoveEmptyEntries))
    $kind = ''
    if ($word.Count -gt 0) { $kind = [string]$word[0] }
    if ((Test-Same $kind 'phase') -and $word.Count -eq 6) {
      if (-not (Test-OneOf $word[1] $phases)) { $readable = $false }
      $script:JournalPhase = [string]$word[1]
      $script:JournalKey = [string]$word[2]
      $script:JournalRevision = [string]$word[3]
      $script:JournalRetry = [string]$word[4]
      $script:JournalTime = [string]$word[5]
    } elseif ((Test-Same $kind 'trace') -and $line.StartsWith('trace ', [StringComparison]::Ordinal)) {
      $script:TraceMark = $line.Substring(6)
    } elseif ((Test-Same $kind 'adopted') -and ($word.Count -eq 7 -or $word.Count -eq 5)) {
      $script:AdoptedKey = [string]$word[1]
      $script:AdoptedRevision = [string]$word[2]
      $script:AdoptedMode = ''
      $script:AdoptedWriter = ''
      if ($word.Count -eq 7) {
        $script:AdoptedMode = [string]$word[5]
        $script:AdoptedWriter = [string]$word[6]
      }
      $script:History = @($script:History) + @($line)
    } elseif ((Test-Same $kind 'restored') -and $word.Count -eq 4) {
      $script:History = @($script:History) + @($line)
      if ((Test-Same $word[1] $script:Field['keyId']) -and (Test-Same $word[2] $script:Field['retry'])) {
        $script:RestoredCount = $script:RestoredCount + 1
      }
    } else {
      $readable = $false
    }
  }
  if ($readable -and -not $first) { return $true }
  # Nothing is told of it. Its lines are kept for the dead-man, who writes it anew.
  $script:AdoptedKey = ''
  $script:AdoptedRevision = ''
  $script:AdoptedMode = ''
  $script:AdoptedWriter = ''
  $script:RestoredCount = 0
  return $false
}

# Writes the journal with a phase for the key that is at work.
function Write-Phase([string]$Phase) {
  $f = $script:Field
  $lines = @($script:JournalHead) + @($script:History)
  $lines = $lines + @([string]::Join(' ', [string[]]@('phase', $Phase, $f['keyId'], $f['revision'], $f['retry'], (Get-UtcTime))))
  if ($script:TraceMark.Length -gt 0) { $lines = $lines + @('trace ' + $script:TraceMark) }
  if (-not (Write-StateFile 'journal' ([string]::Join($script:LF, [string[]]$lines) + $script:LF))) { return $false }
  $script:JournalPhase = $Phase
  return $true
}

function Add-History([string]$Line) {
  $all = @($script:History) + @($Line)
  if ($all.Count -gt $script:HistoryLines) { $all = @($all[($all.Count - $script:HistoryLines)..($all.Count - 1)]) }
  $script:History = $all
}

function Add-Adopted {
  $f = $script:Field
  $words = @('adopted', $f['keyId'], $f['revision'], $f['epoch'], (Get-UtcTime), $f['fileMode'], $f['writer'])
  Add-History ([string]::Join(' ', [string[]]$words))
  $script:AdoptedKey = $f['keyId']
  $script:AdoptedRevision = $f['revision']
  $script:AdoptedMode = $f['fileMode']
  $script:AdoptedWriter = $f['writer']
}

function Add-Restored {
  $f = $script:Field
  Add-History ([string]::Join(' ', [string[]]@('restored', $f['keyId'], $f['retry'], (Get-UtcTime))))
  $script:RestoredCount = $script:RestoredCount + 1
}

function Close-Journal {
  $script:TraceMark = ''
  if (-not (Write-Phase 'closed')) { return $false }
  foreach ($name in @('staged', 'restore.next', 'backup.next')) { Remove-File ($script:Dir + '/' + $name) }
  return $true
}

# The key is adopted; the copy of the former file goes only now, since until then it may have to be put back.
function Close-Adopted {
  Add-Adopted
  if (-not (Close-Journal)) { return $false }
  if (-not (Test-Same $script:Field['proofReencrypted'] 'true')) { Remove-File ($script:Dir + '/backup') }
  return $true
}

# ---------------------------------------------------------------------------------------------- lock

# Mark of a process: pid, start time, boot; '' when there is no such process, or it is a zombie. <pid>-unknown-0 for a
# process that lives and does not let itself be looked at.
function Get-Mark([string]$Id) {
  if (-not [regex]::IsMatch($Id, '\A[0-9]{1,9}\z')) { return '' }
  if (-not $script:OnWindows -and [IO.File]::Exists('/proc/self/stat')) {
    try {
      $stat = [IO.File]::ReadAllText("/proc/$Id/stat")
      $word = @($stat.Substring($stat.LastIndexOf([char]41) + 1).Split([char[]]@([char]32, [char]10), [StringSplitOptions]::RemoveEmptyEntries))
      if ((Test-Same $word[0] 'Z') -or (Test-Same $word[0] 'X')) { return '' }
      $boot = '0'
      if ([IO.File]::Exists('/proc/sys/kernel/random/boot_id')) {
        $boot = [IO.File]::ReadAllText('/proc/sys/kernel/random/boot_id').Trim().Split([char]45)[0]
      }
      return $Id + '-' + $word[19] + '-' + $boot
    } catch {
      return ''
    }
  }
  $process = $null
  try { $process = [Diagnostics.Process]::GetProcessById([int]::Parse($Id, $script:Invariant)) } catch { return '' }
  try {
    if ($process.HasExited) { return '' }
    return $Id + '-' + $process.StartTime.ToUniversalTime().Ticks.ToString($script:Invariant) + '-0'
  } catch {
    return $Id + '-unknown-0'
  } finally {
    $process.Dispose()
  }
}

function Test-Alive([string]$Mark) {
  $id = $Mark.Split([char]45)[0]
  $now = Get-Mark $id
  if ($now.Length -eq 0) { return $false }
  return ((Test-Same $now $Mark) -or (Test-Same $now ($id + '-unknown-0')))
}

# $script:LockBase: mark in the lock; $script:Holder: mark of the last who took over from a dead owner. False: no lock.
function Read-LockHolder {
  $script:LockBase = Read-FirstLine ($script:Dir + '/lock')
  $script:Holder = $script:LockBase
  if ($script:LockBase.Length -eq 0) { return $false }
  for ($depth = 0; $depth -lt 100; $depth++) {
    $next = Read-FirstLine ($script:Dir + '/lock.' + $script:Holder)
    if ($next.Length -eq 0) { break }
    $script:Holder = $next
  }
  return $true
}

# A rename that never replaces: of several, exactly one succeeds. On Linux by ln: there File.Move looks whether the name is
# free, then renames over whatever has come in between.
function Move-New([string]$From, [string]$To) {
  if (-not $script:OnWindows) {
    if ((Invoke-HostCommand $script:ToolSeconds @('ln', $From, $To)) -ne 0) { return $false }
    Remove-File $From
    return $true
  }
  try {
    [IO.File]::Move($From, $To)
    return $true
  } catch {
    return $false
  }
}

# Takes the lock, or takes it over from a dead owner: a file named after the dead is made by exactly one. 0: held; 1: an
# owner lives; 2: cannot.
function Lock-State {
  $script:Holding = Get-Mark ([string]$PID)
  $owner = $script:Dir + '/owner.' + [string]$PID
  for ($tries = 0; $tries -lt 50; $tries++) {
    # Anew: one left behind by a process of the same number may be the lock itself, under a second name.
    Remove-File $owner
    if (-not (Write-Latin $owner ($script:Holding + $script:LF))) { return 2 }
    if (Move-New $owner ($script:Dir + '/lock')) {
      $script:Locked = $true
      return 0
    }
    if (-not (Read-LockHolder)) {
      Wait-Moment 10
      continue
    }
    if (Test-Alive $script:Holder) {
      Remove-File $owner
      return 1
    }
    $start = $script:LockBase
    $heir = $script:Dir + '/lock.' + $script:Holder
    if (Move-New $owner $heir) {
      if ((Read-LockHolder) -and (Test-Same $script:LockBase $start)) {
        $script:Locked = $true
        return 0
      }
      Remove-File $heir
    }
  }
  Remove-File $owner
  return 2
}

function Unlock-State {
  if (-not $script:Locked) { return }
  $script:Locked = $false
  if (-not (Read-LockHolder)) { return }
  $chain = $script:LockBase
  foreach ($stale in @([IO.Directory]::GetFiles($script:Dir, 'owner.*'))) {
    $mark = Read-FirstLine $stale
    if ($mark.Length -gt 0 -and -not (Test-Alive $mark)) { Remove-File $stale }
  }
  Remove-File ($script:Dir + '/owner.' + [string]$PID)
  Remove-File ($script:Dir + '/lock')
  for ($depth = 0; $depth -lt 100; $depth++) {
    $path = $script:Dir + '/lock.' + $chain
    $next = Read-FirstLine $path
    if ($next.Length -eq 0) { break }
    Remove-File $path
    $chain = $next
  }
}

function Get-HolderId { return $script:Holder.Split([char]45)[0] }

# The state folder and the lock; a dead-man at work is waited for, another run is not.
function Open-Journal {
  Enter-Phase 'journal'
  $dir = $script:Dir
  if (Test-Same $script:Mode 'check') {
    if (-not (Read-Journal)) { Exit-JournalRefused }
    if (-not (Test-Same $script:JournalPhase 'closed')) { $script:WasInterrupted = $script:JournalPhase }
    if ((Read-LockHolder) -and (Test-Alive $script:Holder)) {
      Exit-Report 'refused' "Another update of this file is at work (process $(Get-HolderId))." 'Run again when it has ended.'
    }
    return
  }
  if (-not [IO.Directory]::Exists($dir)) { Confirm-Running }
  if (-not [IO.Directory]::Exists($dir) -and -not (New-StateFolder)) {
    Exit-Report 'refused' "The state folder $dir cannot be made." 'Give this user the right to, and run again.'
  }
  if (-not (Lock-StateFolder)) {
    Exit-Report 'refused' "The state folder $dir is not the one that was looked at." 'Nothing was touched. See who changes the folder that it stands in, and run again.'
  }
  $n = $script:Number
  $until = (Get-NowMs) + [long]($n['stopTimeoutSeconds'] + $n['startTimeoutSeconds'] + $n['settleSeconds'] + $n['proofTimeoutSeconds'] + 10) * 1000
  $busy = ''
  $busyUntil = [long]0
  while ($true) {
    $taken = Lock-State
    if ($taken -eq 0) { break }
    if ($taken -eq 2) {
      Exit-Report 'refused' "The lock in $dir cannot be made (no hard links, or no room)." 'Put this right and run again.'
    }
    $line = Read-FirstLine "$dir/deadman"
    if (-not (Test-Same $line $script:Holder)) {
      # A switch that is about to go has taken its mark away, and has the lock for a moment yet.
      if (-not (Test-Same $script:Holder $busy)) {
        $busy = $script:Holder
        $busyUntil = (Get-NowMs) + 2000
      }
      if ((Get-NowMs) -ge $busyUntil) {
        Exit-Report 'refused' "Another update of this file is at work (process $(Get-HolderId))." 'Run again when it has ended.'
      }
    } elseif ((Get-NowMs) -ge $until) {
      Exit-Report 'refused' "The dead-man switch of an earlier update is at work (process $(Get-HolderId)): it waits for the service $($script:Service) to run." 'Start the service, and run again when the switch has gone.'
    }
    Wait-Moment 500
  }
  if (-not (Read-Journal)) { Exit-JournalRefused }
}

function Exit-JournalRefused {
  $script:JournalPhase = 'unreadable'
  Exit-Report 'refused' "The journal $($script:Dir)/journal cannot be read." 'See what it says; move it away if the service runs as it should, then run again.'
}

# ---------------------------------------------------------------------------------------------- recovery

# Puts an interrupted run right, from its order; this run's own settings are back afterwards.
function Restore-Interrupted {
  if (Test-Same $script:JournalPhase 'closed') { return }
  Enter-Phase 'recover'
  $script:WasInterrupted = $script:JournalPhase
  $ownService = $script:Service
  # The service was not touched, so whatever else lies there says nothing.
  if (Test-Same $script:JournalPhase 'waiting') {
    if (-not (Close-Journal)) {
      Exit-Report 'refused' "The journal in $($script:Dir) cannot be written." 'Nothing was touched. Put this right and run again.'
    }
    Remove-File ($script:Dir + '/order')
    return
  }
  $same = ((Test-Same $script:JournalKey $script:Field['keyId']) -and (Test-Same $script:JournalRevision $script:Field['revision']))
  $own = Get-OwnFields
  $there = [IO.File]::Exists($script:Dir + '/order')
  if ($there) { Read-Order }
  # Missing, or cut: this run's own settings name the same file.
  if (-not $there -or $script:Problems.Count -gt 0) {
    Restore-OwnFields $own
    Write-Order
  }
  # Without a switch the service is put right all the same: nobody else will.
  [void](Start-DeadMan)
  $script:Service = Get-FirstName
  if (-not (Test-Same $script:Field['serviceManager'] 'command')) { Find-HostService }
  if (-not (Complete-Interrupted $same $false)) {
    Exit-NeedsHands "an earlier update was interrupted ($($script:WasInterrupted)) and could not be put right: $($script:Fault)"
  }
  Restore-OwnFields $own
  $script:Service = $ownService
  $script:Swapped = $false
  $script:DownSince = $null
  $script:Stopping = $false
  $script:ActUntil = $null
  if (-not (Read-Journal)) { Exit-JournalRefused }
}

# This run's own settings, and in place of an order's.
function Get-OwnFields {
  $own = [Collections.Hashtable]::new([StringComparer]::Ordinal)
  foreach ($each in $script:PlainFields) { $own[$each] = $script:Base64[$each] }
  return $own
}

function Restore-OwnFields([Collections.Hashtable]$Own) {
  foreach ($each in $script:PlainFields) { $script:Base64[$each] = $Own[$each] }
  $script:Problems.Clear()
  Confirm-Fields $false
}

# One interrupted transaction to its end: section 6 of the contract. With $Provable the new file may be proven.
# With $Again it was tried before by this process, and knows whether a stop may still be on its way.
function Complete-Interrupted([bool]$Provable, [bool]$Again) {
  $phase = $script:JournalPhase
  $script:Field['keyId'] = $script:JournalKey
  $script:Field['revision'] = $script:JournalRevision
  $script:Field['retry'] = $script:JournalRetry
  $now = Get-NowMs
  $script:DownSince = $now
  $script:RunningSince = $now
  # A stop that the dead run asked for is as old as the journal's phase at least.
  $age = [double]0
  try {
    $written = [DateTime]::ParseExact($script:JournalTime, 'yyyy-MM-ddTHH:mm:ssZ', $script:Invariant, [Globalization.DateTimeStyles]'AssumeUniversal, AdjustToUniversal')
    $age = ([DateTime]::UtcNow - $written).TotalSeconds
  } catch {
    $age = [double]0
  }
  $age = [Math]::Max([double]0, [Math]::Min($age, [double]$script:Number['deadlineSeconds']))
  if (-not $Again) {
    Set-StopWatch ($now - [long]($age * 1000))
  } elseif (-not $script:Stopping) {
    $script:ActUntil = $null
  }
  # A run that ended by itself left word that no stop of its own was on its way.
  $atRest = [IO.File]::Exists($script:Dir + '/at-rest')
  if ($atRest) { Remove-File ($script:Dir + '/at-rest') }
  Find-Swap
  # Tried before, in vain: the service may still run on the new file, whatever lies there now.
  if ($Again -and $script:RunsOnNew) { $script:Swapped = $true }
  if (Test-Same $phase 'closed') {
    Remove-File ($script:Dir + '/staged')
    return $true
  }
  if (Test-Same $phase 'waiting') { return (Close-Journal) }
  if (Test-Same $phase 'stopping') {
    if ([IO.File]::Exists($script:Dir + '/staged')) {
      $script:Stopping = -not (Wait-ServiceState 'stopped' $script:Number['stopTimeoutSeconds'] $now)
    }
  } elseif (Test-Same $phase 'restoring') {
    if (-not $Again -and -not $atRest) { $script:Stopping = $true }
  } elseif (Test-Same $phase 'proving') {
    $script:Swapped = $true
  }
  if ($Provable -and $script:Swapped -and -not (Test-Same $phase 'restoring')) {
    # One that is starting on the new file refuses a stop: it is waited for.
    Update-ServiceState
    while (-not (Test-OneOf $script:State @('running', 'stopped')) -and (Get-NowMs) -lt $now + [long]$script:Number['startTimeoutSeconds'] * 1000) {
      Wait-Moment 100
      Update-ServiceState
    }
    $script:RunningSince = Get-NowMs
    if ((Test-Same $script:State 'running') -and (Test-Proof)) { return (Close-Adopted) }
  }
  return (Restore-Former)
}

# ---------------------------------------------------------------------------------------------- dead-man switch

function Enable-DeadMan {
  Enter-Phase 'arm'
  Remove-File ($script:Dir + '/at-rest')
  Write-Order
  if (Start-DeadMan) { return }
  [void](Close-Journal)
  Exit-Report 'refused' "The dead-man switch could not be armed within $($script:ArmSeconds) seconds.$($script:ArmFault)" 'Nothing was touched. See whether this user may start a background process here.'
}

# What the dead-man and the next run need to put this run right; no secret.
function Write-Order {
  $lines = @($script:Contract)
  foreach ($each in $script:PlainFields) {
    if ((Test-OneOf $each $script:OptionalFields) -and $script:Base64[$each].Length -eq 0) { continue }
    $lines = $lines + @($each + '=' + $script:Base64[$each])
  }
  $lines = $lines + @('end')
  if (-not (Write-StateFile 'order' ([string]::Join($script:LF, [string[]]$lines) + $script:LF))) {
    Exit-Report 'refused' "The dead-man switch's order cannot be written in $($script:Dir)." 'Nothing was touched. Put this right and run again.'
  }
}

# The program that runs this script.
function Get-Interpreter {
  $path = ''
  try { $path = [string][Diagnostics.Process]::GetCurrentProcess().MainModule.FileName } catch { $path = '' }
  if ([regex]::IsMatch([IO.Path]::GetFileNameWithoutExtension($path), '\A(pwsh|powershell)', [Text.RegularExpressions.RegexOptions]::IgnoreCase)) { return $path }
  foreach ($name in @('pwsh', 'pwsh.exe', 'powershell.exe')) {
    $path = [IO.Path]::Combine($PSHOME, $name)
    if ([IO.File]::Exists($path)) { return $path }
  }
  return 'pwsh'
}

function Get-TaskName([string]$Mark) { return 'keyturn-deadman-' + $Mark }

# The switch as a task of SYSTEM, outside this session: started at once, and by itself after a restart of the host. Priority
# 4 is that of other programs; a task's own, 7, is below it, and a service that the switch starts by a command would keep it.
# The module's commands are functions, which do not see this script's preferences: each is told to stop at an error.
function Register-DeadManTask([string[]]$Words) {
  $name = Get-TaskName $script:Holding
  $quoted = [Collections.ArrayList]::new()
  for ($i = 1; $i -lt $Words.Length; $i++) { [void]$quoted.Add((ConvertTo-Argument $Words[$i])) }
  $arguments = [string]::Join(' ', [string[]]$quoted.ToArray([string]))
  $bound = [TimeSpan]::FromSeconds([double]$script:Number['deadlineSeconds'] + 2 * $script:Number['deadManSeconds'] + 3600)
  $action = New-ScheduledTaskAction -Execute $Words[0] -Argument $arguments -ErrorAction Stop
  $trigger = New-ScheduledTaskTrigger -AtStartup -ErrorAction Stop
  $principal = New-ScheduledTaskPrincipal -UserId 'S-1-5-18' -LogonType ServiceAccount -RunLevel Highest -ErrorAction Stop
  $settings = New-ScheduledTaskSettingsSet -AllowStartIfOnBatteries -DontStopIfGoingOnBatteries -StartWhenAvailable -Priority 4 -ExecutionTimeLimit $bound -ErrorAction Stop
  [void](Register-ScheduledTask -TaskName $name -Action $action -Trigger $trigger -Principal $principal -Settings $settings -Force -ErrorAction Stop)
  [void](Start-ScheduledTask -TaskName $name -ErrorAction Stop)
}

function Unregister-DeadManTask([string]$Mark) {
  if (-not $script:OnWindows) { return }
  try {
    [void](Unregister-ScheduledTask -TaskName (Get-TaskName $Mark) -Confirm:$false -ErrorAction Stop)
  } catch {
    return
  }
}

# False: it has not come up.
function Start-DeadMan {
  if ($script:Armed) { return $true }
  $mark = $script:Dir + '/deadman'
  Remove-File $mark
  $words = @((Get-Interpreter), '-NoProfile', '-NonInteractive', '-ExecutionPolicy', 'Bypass', '-File', $PSCommandPath, 'deadman', $script:Dir, $script:Holding)
  try {
    if ($script:OnWindows) {
      Register-DeadManTask $words
    } else {
      $outer = @('setsid', 'sh', '-c', 'exec "$@" </dev/null >/dev/null 2>&1', 'sh')
      $process = [Diagnostics.Process]::Start((New-StartInfo ($outer + $words)))
      $process.Dispose()
    }
  } catch {
    $script:ArmFault = Get-Refusal $_.Exception
    Unregister-DeadManTask $script:Holding
    return $false
  }
  $until = (Get-NowMs) + $script:ArmSeconds * 1000
  while (-not (Test-Alive (Read-FirstLine $mark))) {
    if ((Get-NowMs) -ge $until) {
      # A switch that comes up later finds that nobody needs it; its task would come up at every start of the host.
      Unregister-DeadManTask $script:Holding
      return $false
    }
    Wait-Moment 50
  }
  $script:Armed = $true
  return $true
}

# The switch itself: watches the owner of a state folder; acts when the owner is dead, never while it lives.
function Watch-Owner([string]$Folder, [string]$Owner) {
  $script:Dir = $Folder
  if (-not (Lock-StateFolder)) {
    Unregister-DeadManTask $Owner
    exit 70
  }
  Register-Signal @() @('SIGHUP', 'SIGINT')
  Read-Order
  if ($script:Problems.Count -gt 0) {
    Unregister-DeadManTask $Owner
    exit 70
  }
  $script:Me = Get-Mark ([string]$PID)
  $n = $script:Number
  $armedAt = Get-NowMs
  $stoppedAt = $null
  $stoppedIn = ''
  while ($true) {
    if (-not (Read-LockHolder) -or -not (Test-Same $script:Holder $Owner)) { Exit-DeadMan $Owner }
    # Missing, or of a switch that a restart of the host has ended. Only now: the next run must not take a switch that is
    # about to go for its own.
    if (-not (Test-Alive (Read-FirstLine "$Folder/deadman"))) { [void](Write-StateFile 'deadman' ($script:Me + $script:LF)) }
    if (-not (Test-Alive $Owner)) {
      $taken = Lock-State
      if ($taken -eq 0) { break }
      if ($taken -eq 1) { Exit-DeadMan $Owner }
    } elseif (Read-Journal) {
      # A run that has put another one right stops the service anew.
      if (Test-OneOf $script:JournalPhase @('closed', 'waiting')) {
        $stoppedAt = $null
      } elseif ($null -eq $stoppedAt -or ((Test-Same $script:JournalPhase 'stopping') -and -not (Test-Same $stoppedIn $script:JournalTime))) {
        $stoppedAt = Get-NowMs
      }
      $stoppedIn = $script:JournalTime
    }
    $now = Get-NowMs
    # Its lock cannot be had, whatever it tries: the next run, or the host's next start, puts it right.
    if ($now -ge $armedAt + [long]($n['deadlineSeconds'] + 2 * $n['deadManSeconds'] + 600) * 1000) { exit 70 }
    $late = ($now -ge $armedAt + [long]($n['deadlineSeconds'] + $n['deadManSeconds']) * 1000)
    if ($null -ne $stoppedAt -and $now -ge $stoppedAt + [long]$n['deadManSeconds'] * 1000) { $late = $true }
    if ($late -and (Test-Alive $Owner)) {
      try {
        [Diagnostics.Process]::GetProcessById([int]::Parse($Owner.Split([char]45)[0], $script:Invariant)).Kill()
      } catch {
        # Gone by itself, which is as well.
        Wait-Moment 1
      }
    }
    Wait-Moment 1000
  }
  # The order may have been written anew since; with no readable journal, the safe end of it is the former file.
  $own = Get-OwnFields
  Read-Order
  if ($script:Problems.Count -gt 0) { Restore-OwnFields $own }
  $script:Service = Get-FirstName
  if (-not (Test-Same $script:Field['serviceManager'] 'command')) { Find-HostService }
  if (-not (Read-Journal)) { $script:JournalPhase = 'restoring' }
  if ($script:JournalKey.Length -eq 0) { $script:JournalKey = $script:Field['keyId'] }
  if ($script:JournalRevision.Length -eq 0) { $script:JournalRevision = $script:Field['revision'] }
  $leavesAt = (Get-NowMs) + [long]$script:Number['deadlineSeconds'] * 1000
  $tried = $false
  while ($true) {
    if (Complete-Interrupted $true $tried) {
      Remove-File "$Folder/order"
      break
    }
    # Whoever goes now leaves the service stopped.
    Update-ServiceState
    if (((Test-Same $script:State 'running') -and -not $script:RunsOnNew) -or (Get-NowMs) -ge $leavesAt) { break }
    Wait-Moment ($script:DeadManAgainSeconds * 1000)
    $script:JournalPhase = 'restoring'
    $tried = $true
  }
  Remove-File "$Folder/deadman"
  Unlock-State
  Unregister-DeadManTask $Owner
  exit 0
}

function Read-Order {
  $script:Problems.Clear()
  $text = [string](Read-Ours ($script:Dir + '/order'))
  Read-Fields $text $script:PlainFields
  if ($script:Problems.Count -eq 0) { Confirm-Fields $false }
}

function Exit-DeadMan([string]$Owner) {
  if (Test-Same (Read-FirstLine ($script:Dir + '/deadman')) $script:Me) { Remove-File ($script:Dir + '/deadman') }
  Unregister-DeadManTask $Owner
  exit 0
}

# ---------------------------------------------------------------------------------------------- transaction

# Two that write one file, one of them whole from a copy of its own, undo each other: the last must be this one, or one
# that writes no more.
function Confirm-Writer {
  $f = $script:Field
  $last = $script:AdoptedWriter
  $mode = $script:AdoptedMode
  if ($last.Length -eq 0 -or (Test-Same $last $f['writer'])) { return }
  if (Test-OneOf $last @(Get-Lines $f['formerWriters'])) { return }
  if ((Test-Same $mode 'edit') -and (Test-Same $f['fileMode'] 'edit')) { return }
  Exit-Report 'refused' "$($f['filePath']) was last written by $last (file mode $mode), and this is $($f['writer']) (file mode $($f['fileMode'])): two that write one file undo each other." "Give both one credential, or both file mode edit. If $last writes the file no more, name it in formerWriters."
}

# Same key and revision adopted, and the file looks so: nothing to do. Otherwise the brake.
function Confirm-Adopted {
  $f = $script:Field
  $key = $f['keyId']
  if ((Test-Same $script:AdoptedKey $key) -and (Test-Same $script:AdoptedRevision $f['revision'])) {
    $adopted = $false
    if (Test-Same $f['proofReencrypted'] 'true') {
      if (Test-FileHoldsValue) {
        Exit-Report 'refused' "The key id $key is adopted, but $($f['filePath']) holds the value in plain text: the service has not re-encrypted it." 'Restart the service in its safe window and see that it re-encrypts the file.'
      }
      $adopted = $true
    } elseif (Test-Same $f['fileMode'] 'edit') {
      $adopted = ((Find-EditPlace $script:Field['filePath']) -and (Test-Same $script:EditCurrent $script:Secret['value']))
    } else {
      $adopted = Test-FileIsContent
    }
    if ($adopted) {
      if (Test-Same $f['window'] 'trace') { Update-Window }
      Exit-Report 'alreadyAdopted' "The service $($script:Service) runs on key id $key already; nothing was done." ''
    }
  }
  if ($script:RestoredCount -ge 2) {
    Exit-Report 'refused' "Key id $key was restored from twice and is not tried again by itself." "See $($script:Dir)/report and the service's log; when the cause is gone, raise the retry counter in the config."
  }
}

function Confirm-NotInterrupted {
  Update-Interrupted
  if ((Get-NowMs) -ge $script:DeadlineAt) { $script:Interrupted = "its deadline of $($script:Number['deadlineSeconds']) seconds" }
  if ($script:Interrupted.Length -eq 0) { return }
  [void](Close-Journal)
  Exit-Report 'refused' "Ended by $($script:Interrupted) before the service was stopped." 'Nothing was changed. Run again.'
}

function Invoke-Prepare {
  Enter-Phase 'prepare'
  if (-not (New-StagedFile)) {
    [void](Close-Journal)
    Exit-Report 'refused' "Not prepared: $($script:Fault)." 'The service was not stopped. Put this right and run again.'
  }
  Confirm-NotInterrupted
}

# On Windows ReplaceFile gives the new file the target's access list; this sees that it, and the owner, are the former ones.
function Test-SwappedMeta([string]$Target, [switch]$Compile) {
  if ($Compile) { return $false }
  if (-not $script:OnWindows) { return $true }
  $path = $script:Field['filePath']
  if (Test-Same $script:Field['proofReencrypted'] 'true') {
    try { [IO.File]::SetLastWriteTimeUtc($path, $script:StagedTime) } catch { Wait-Moment 1 }
  }
  Get-FileMeta $path
  if (Test-Same $script:Meta $Target) { return $true }
  $script:Fault = "owner, mode or access list of the file cannot be kept (is $Target, would be $($script:Meta))"
  return $false
}

# The journal says "stopping" until the service runs again.
function Switch-File([switch]$Compile) {
  if ($Compile) { return $false }
  Enter-Phase 'swap'
  $dir = $script:Dir
  $script:StopMark = $script:TraceMark
  Update-TraceMark
  if (-not (Test-SameFiles "$dir/backup" $script:Field['filePath'])) {
    if (-not (New-StagedFile)) { return $false }
  }
  if (-not (Move-OverFile "$dir/staged" 20)) {
    $script:Fault = "the new file could not be put in place$($script:Obstacle)"
    return $false
  }
  $script:Swapped = $true
  return (Test-SwappedMeta $script:FormerMeta)
}

# After the swap and before our start the service stands still, or somebody else has started it, maybe on the former file:
# then it is stopped once more, between two syncs. Whoever starts it from then on starts it on the new file.
function Stop-OtherStart([switch]$Compile) {
  if ($Compile) { return $false }
  $now = Get-NowMs
  $script:SwappedMs = $now
  Update-ServiceState
  if (Test-Same $script:State 'stopped') { return $true }
  $script:OtherStart = $true
  if (Wait-ServiceState 'running' $script:Number['startTimeoutSeconds'] $now) {
    $script:Downtime = $script:Downtime + (Get-NowMs) - $script:DownSince
    $script:DownSince = $null
    $behind = $script:TraceMark
    $script:TraceMark = $script:StopMark
    Wait-BetweenSyncs
    $script:TraceMark = $behind
  }
  if (-not (Stop-HostService)) { return $false }
  Update-TraceMark
  if (Test-SwapStands) { return $true }
  $script:Fault = 'a process that somebody else started before the swap has written the file'
  return $false
}

# PowerShell compiles a function as it is first called, some ten milliseconds for a long one. What runs while the service is
# stopped is compiled before: by a call that does nothing, or one that only reads.
function Initialize-Switch {
  [void](Switch-File -Compile)
  [void](Test-SwappedMeta '' -Compile)
  [void](Stop-OtherStart -Compile)
  [void](Start-HostService -Compile)
  [void](Move-OverFile '' 0)
  [void](Get-WholeSeconds 1000 1)
  [void](Test-SameFiles "$($script:Dir)/backup" $script:Field['filePath'])
  $mark = $script:TraceMark
  Save-TraceMark
  Update-TraceMark
  $script:TraceMark = $mark
}

# All configured signs together; $script:Fault says which is missing.
function Test-Proof {
  $f = $script:Field
  $n = $script:Number
  $looked = $false
  $until = (Get-NowMs) + [long]$n['proofTimeoutSeconds'] * 1000
  while ($true) {
    Update-ServiceState
    $now = Get-NowMs
    $script:Fault = ''
    if (Test-Same $script:State 'stopped') { $script:Fault = 'the service stopped running' }
    if ($script:Fault.Length -eq 0 -and $f['failurePatterns'].Length -gt 0) {
      $found = Find-FirstFailure (Read-NewTrace $script:TraceMark)
      if ($found.Length -gt 0) { $script:Fault = "the trace says `"$found`"" }
    }
    if ($script:Fault.Length -eq 0 -and -not $looked -and (Test-Same $script:State 'running')) {
      $looked = $true
      if (Test-BeganBeforeSwap) { $script:Fault = 'the process that runs began before the swap: somebody else started it' }
    }
    if ($script:Fault.Length -gt 0) { return $false }
    if ($f['failurePatterns'].Length -gt 0 -and -not (Test-TraceRead)) { $script:Fault = 'the trace cannot be read' }
    if (-not (Test-Same $script:State 'running')) {
      $script:Fault = "the service's state is $($script:State)"
      $script:RunningSince = $now
    }
    if ($now - $script:RunningSince -lt [long]$n['settleSeconds'] * 1000) { $script:Fault = "it has not run for $($n['settleSeconds']) seconds" }
    if ($script:Fault.Length -eq 0 -and (Test-Same $f['proofReencrypted'] 'true') -and -not (Test-Reencrypted)) {
      $script:Fault = 'the file is not re-encrypted'
    }
    if ($script:Fault.Length -eq 0 -and (Test-Same $f['proofSyncLine'] 'true')) {
      Set-NextSync @(Get-LastSyncTimes (Read-NewTrace $script:TraceMark))
      if ($null -eq $script:NextSync) { $script:Fault = 'no new line with the next sync' }
    }
    if ($script:Fault.Length -eq 0 -and $f['successPatterns'].Length -gt 0 -and -not (Test-HasSynced (Read-NewTrace $script:TraceMark))) {
      $script:Fault = 'no new line of a successful sync'
    }
    if ($script:Fault.Length -eq 0) {
      if (-not (Test-SwapUndone)) { return $true }
      $script:Fault = 'the file is the former one again'
      return $false
    }
    Update-Interrupted
    if ($script:Interrupted.Length -gt 0) {
      $script:Fault = "ended by $($script:Interrupted)"
      return $false
    }
    if ($now -ge $until) {
      $script:Fault = "$($script:Fault) within $($n['proofTimeoutSeconds']) seconds"
      return $false
    }
    Wait-Moment 250
  }
}

# Running, and still running after the settle time; and as long as a stop of ours may be on its way, in case it comes.
function Test-Settled {
  $settle = [long]$script:Number['settleSeconds'] * 1000
  $until = (Get-NowMs) + $settle
  if ($script:Stopping -and $script:FormerMark.Length -gt 0) {
    Find-ServiceStart
    if ($script:BeganMark.Length -gt 0 -and -not (Test-Same $script:BeganMark $script:FormerMark)) { $script:Stopping = $false }
  }
  while ($true) {
    Update-ServiceState
    $now = Get-NowMs
    if (Test-Same $script:State 'running') {
      if ($now -ge $until -and (-not $script:Stopping -or $now -ge $script:ActUntil)) { return $true }
    } elseif (-not $script:Stopping) {
      $script:Fault = "the service does not keep running ($($script:State))"
      return $false
    } elseif (Test-Same $script:State 'stopped') {
      $script:Stopping = $false
      if ($null -eq $script:DownSince) { $script:DownSince = $now }
      if (-not (Start-HostService)) { return $false }
      $until = (Get-NowMs) + $settle
    } elseif ($now -ge $script:ActUntil) {
      $script:Fault = "the service has not ended its stop ($($script:State))"
      return $false
    } else {
      $until = $now + $settle
    }
    Wait-Moment 250
  }
}

# A running service is stopped between two syncs here too: until its trace has announced the next one since the swap.
function Wait-BetweenSyncs {
  if (-not (Test-Same $script:Field['window'] 'trace')) { return }
  $until = (Get-NowMs) + [long]$script:Number['proofTimeoutSeconds'] * 1000
  while ($true) {
    Set-NextSync @(Get-LastSyncTimes (Read-NewTrace $script:TraceMark))
    if ($null -ne $script:NextSync -and $script:NextSync - (Get-Epoch) -ge $script:Number['marginSeconds']) { return }
    Update-ServiceState
    if (-not (Test-Same $script:State 'running')) { return }
    if ((Get-NowMs) -ge $until) { return }
    Wait-Moment 250
  }
}

# The former file back, the service running on it, proven; else $script:Fault. A wish to end is not looked at here.
function Restore-Former {
  Enter-Phase 'restore'
  [void](Write-Phase 'restoring')
  $stubborn = ''
  Update-ServiceState
  if (Test-Same $script:State 'stopped') { $script:Stopping = $false }
  if (-not (Test-Same $script:State 'running') -and $null -eq $script:DownSince) { $script:DownSince = Get-NowMs }
  if ($script:Swapped -and (Test-Same $script:State 'running')) { Wait-BetweenSyncs }
  if ($script:Swapped -and -not (Test-Same $script:State 'stopped')) {
    if (-not (Stop-HostService)) { $stubborn = $script:Fault }
  }
  # Whatever lies there then, it may run on the new one.
  $script:RunsOnNew = ($stubborn.Length -gt 0)
  $missing = ''
  if (-not (Restore-FormerFile)) { $missing = $script:Fault }
  # What somebody else has started at once began on the new file: stopped once more, it is started on the former one.
  if ($stubborn.Length -gt 0 -and $script:StartedAnew) {
    $stubborn = ''
    if (-not (Stop-HostService) -and -not $script:StartedAnew) { $stubborn = $script:Fault }
    $script:RunsOnNew = ($stubborn.Length -gt 0)
  }
  if (-not (Start-HostService)) { return $false }
  if (-not (Test-Settled)) { return $false }
  if ($missing.Length -gt 0) {
    $script:Fault = $missing
    return $false
  }
  # A stop that came late is as good: what runs began on the former file.
  if ($stubborn.Length -gt 0 -and $script:Stopping) {
    $script:Fault = $stubborn
    return $false
  }
  $script:RunsOnNew = $false
  $script:Fault = 'the file is not there any more, or is not a regular file'
  if (-not (Test-PlainFile $script:Field['filePath'])) { return $false }
  $script:Fault = 'the journal could not be written'
  Add-Restored
  return (Close-Journal)
}

function Exit-Restored {
  $cause = $script:Fault
  if (Restore-Former) {
    $again = 'The next run tries once more.'
    if ($script:RestoredCount -ge 2) { $again = 'It is not tried again until the retry counter in the config is raised.' }
    Exit-Report 'restored' "The update failed: $cause. The former file is back and the service $($script:Service) runs on it." "See the service's log. $again"
  }
  Exit-NeedsHands "the update failed ($cause), and putting the former state back failed too: $($script:Fault)"
}

# A text as one word of the PowerShell that the remedy is typed in, which takes four more marks for a quote.
function ConvertTo-Typed([string]$Text) {
  return "'" + [regex]::Replace($Text, '[\u0027\u2018-\u201b]', '$0$0') + "'"
}

# Words as a command of that PowerShell; quotes only where they are needed.
function ConvertTo-TypedWords([string[]]$Words) {
  $all = [Collections.ArrayList]::new()
  foreach ($word in $Words) {
    $typed = $word
    if (-not [regex]::IsMatch($word, '\A([A-Za-z0-9_/\\][A-Za-z0-9_./:\\-]*|-[A-Za-z0-9_-]+)\z')) { $typed = ConvertTo-Typed $word }
    if ($all.Count -eq 0 -and -not [regex]::IsMatch($typed, '\A[A-Za-z/\\]')) { $typed = '& ' + (ConvertTo-Typed $word) }
    [void]$all.Add($typed)
  }
  return [string]::Join(' ', [string[]]$all.ToArray([string]))
}

# The exact steps. The former file is copied back only over one that this update has replaced, or that is gone.
function Exit-NeedsHands([string]$Why) {
  $path = $script:Field['filePath']
  if (Test-Same $script:Field['serviceManager'] 'windows') {
    $named = ConvertTo-Typed $script:Service
    $stopWords = "Stop-Service -Name $named"
    $startWords = "Start-Service -Name $named"
  } else {
    $stopWords = ConvertTo-TypedWords @(Get-Lines $script:Field['stopCommand'])
    $startWords = ConvertTo-TypedWords @(Get-Lines $script:Field['startCommand'])
  }
  $from = ConvertTo-Typed ($script:Dir + '/backup')
  $to = ConvertTo-Typed $path
  $copyWords = "cp -a $from $to"
  if ($script:OnWindows) { $copyWords = "Copy-Item -LiteralPath $from -Destination $to" }
  $plain = Test-PlainFile $path
  if (-not $plain -and (Test-There $path)) {
    $copyWords = "Move-Item -LiteralPath $to -Destination $(ConvertTo-Typed ($path + '.away')); $copyWords"
  } elseif ($plain -and -not $script:Swapped) {
    $copyWords = ''
  }
  if (-not (Test-PlainFile ($script:Dir + '/backup'))) { $copyWords = '' }
  # A stop that does not end hangs whoever asks for another: its process is ended.
  $hangs = ($script:Stopping -and -not (Test-Same $script:State 'running'))
  if ($hangs) {
    $stopWords = "end the service's process, which does not end after its stop (kill -9 <its process id>)"
    if (Test-Same $script:Field['serviceManager'] 'windows') {
      $process = Get-ServiceProcess
      if ($null -ne $process) {
        $stopWords = "Stop-Process -Force -Id $([string]$process.Id) (its process does not end after its stop)"
        $process.Dispose()
      }
    }
  }
  $after = ''
  if ($script:Locked -and -not $script:Stopping -and -not (Test-OneOf $script:JournalPhase @('closed', 'waiting'))) {
    [void](Write-StateFile 'at-rest' '')
  }
  if ($script:Locked -and -not (Test-Same $script:State 'running') -and (Test-Alive (Read-FirstLine ($script:Dir + '/deadman')))) {
    if (-not (Test-OneOf $script:JournalPhase @('closed', 'waiting'))) {
      $script:HandsOff = $true
      $after = " Until it runs the dead-man switch asks for its start again, for $($script:Number['deadlineSeconds']) seconds at most."
    }
  }
  $steps = "(1) $stopWords (2) $copyWords (3) $startWords (4) see that it runs, then run again."
  if ($copyWords.Length -eq 0) { $steps = "(1) $startWords (2) see that it runs, then run again." }
  if ($copyWords.Length -eq 0 -and $hangs) { $steps = "(1) $stopWords (2) $startWords (3) see that it runs, then run again." }
  Exit-Report 'needsHands' "Needs hands: $Why." "On the host: $steps$after"
}

function Complete-Update {
  Enter-Phase 'close'
  if (-not (Close-Adopted)) {
    Exit-Report 'needsHands' "Needs hands: the service runs on key id $($script:Field['keyId']), but the journal $($script:Dir)/journal cannot be written." "On the host: let this user write in $($script:Dir), then run again. The service needs nothing."
  }
  $words = ''
  if ($script:OtherStart) { $words = ' It was stopped twice: somebody else had started it before the new file was in place.' }
  if ($null -eq $script:Began) {
    $words = $words + ' Its manager does not tell when the process began; it was seen stopped once the new file was in place.'
  }
  Exit-Report 'updated' "The service $($script:Service) runs on key id $($script:Field['keyId']), proven.$words" ''
}

function Invoke-Apply {
  Register-Signal @('SIGTERM', 'SIGINT') @('SIGHUP')
  Read-HostInput
  Confirm-Host
  Open-Journal
  if (Test-Same $script:Mode 'check') {
    Confirm-Running
    Confirm-Writer
    Confirm-Adopted
    Enter-Phase 'window'
    Update-Window
    if (-not $script:Safe) { Exit-Report 'notNow' (Get-WindowWords) 'The next run tries again.' }
    Exit-Report 'ready' 'Apply would go on now.' ''
  }
  Restore-Interrupted
  Confirm-Running
  Confirm-Writer
  Confirm-Adopted
  if (-not (Write-Phase 'waiting')) {
    Exit-Report 'refused' "The journal in $($script:Dir) cannot be written." 'Nothing was touched. Put this right and run again.'
  }
  while ($true) {
    Wait-Window
    Enable-DeadMan
    Invoke-Prepare
    Initialize-Switch
    Find-ServiceStart
    $script:FormerMark = $script:BeganMark
    Save-TraceMark
    Update-Window
    if ($script:Safe) { break }
    Remove-File ($script:Dir + '/staged')
  }
  Enter-Phase 'stop'
  if (-not (Write-Phase 'stopping')) {
    Exit-Report 'refused' "The journal in $($script:Dir) cannot be written." 'The service was not stopped. Put this right and run again.'
  }
  if (-not (Stop-HostService)) { Exit-Restored }
  if (-not (Switch-File)) { Exit-Restored }
  if (-not (Stop-OtherStart)) { Exit-Restored }
  Enter-Phase 'start'
  if (-not (Start-HostService)) { Exit-Restored }
  Enter-Phase 'prove'
  # Only now: a power cut before this leaves the former file or the new one, and the journal takes either.
  Sync-Path (Get-Folder $script:Field['filePath'])
  $script:Fault = 'the journal could not be written'
  if (-not (Write-Phase 'proving')) { Exit-Restored }
  if (-not (Test-Proof)) { Exit-Restored }
  Complete-Update
}

# ---------------------------------------------------------------------------------------------- report

function Exit-Problems([string]$What, [string]$Remedy) {
  $sentences = [string]::Join(' ', [string[]]$script:Problems.ToArray([string]))
  Exit-Report 'refused' "${What}: $sentences" $Remedy
}

# A JSON string.
function ConvertTo-JsonText([string]$Text) {
  $plain = [regex]::Replace($Text, '[\x00-\x1f\x7f]', ' ')
  return '"' + $plain.Replace('\', '\\').Replace('"', '\"') + '"'
}

# One member of the report, as text; $null is null.
function Add-ReportMember([Text.StringBuilder]$Report, [string]$Name, [object]$Value) {
  $text = 'null'
  if ($null -ne $Value) { $text = ConvertTo-JsonText ([string]$Value) }
  [void]$Report.Append(',"' + $Name + '":' + $text)
}

# One line on standard output or standard error; a reader that has gone is no matter.
function Write-Line([IO.Stream]$Stream, [string]$Text) {
  try {
    $bytes = $script:Utf8.GetBytes($Text + $script:LF)
    $Stream.Write($bytes, 0, $bytes.Length)
    $Stream.Flush()
  } catch {
    return
  }
}

function Get-NullableText([string]$Text) {
  if ($Text.Length -eq 0) { return $null }
  return $Text
}

# Outcome, reason, remedy: tidies up, reports, ends.
function Exit-Report([string]$Outcome, [string]$Reason, [string]$Remedy) {
  $script:Finishing = $true
  $f = $script:Field
  $now = Get-NowMs
  Exit-Phase
  if (Test-Same $script:State 'missing') { $script:State = 'unknown' }
  $service = $script:Service
  if ($service.Length -eq 0) { $service = Get-FirstName }
  $next = $null
  if ($null -ne $script:NextSync) { $next = Format-Utc ($script:UnixZero.AddSeconds($script:NextSync)) }
  $problems = @()
  foreach ($one in $script:Problems) { $problems = $problems + @(ConvertTo-JsonText $one) }
  $phases = @()
  foreach ($one in $script:PhaseNames) {
    $phases = $phases + @('{"name":"' + $one + '","milliseconds":' + [string]$script:Spent[$one] + '}')
  }
  $report = [Text.StringBuilder]::new()
  [void]$report.Append('{"keyturn":"report/1"')
  Add-ReportMember $report 'mode' $script:Mode
  Add-ReportMember $report 'outcome' $Outcome
  Add-ReportMember $report 'reason' $Reason
  Add-ReportMember $report 'remedy' $Remedy
  [void]$report.Append(',"problems":[' + [string]::Join(',', [string[]]$problems) + ']')
  Add-ReportMember $report 'consumer' $f['consumer']
  Add-ReportMember $report 'epoch' $f['epoch']
  Add-ReportMember $report 'keyId' $f['keyId']
  Add-ReportMember $report 'revision' $f['revision']
  Add-ReportMember $report 'attempt' $f['attempt']
  [void]$report.Append(',"retry":' + [string]$script:Number['retry'])
  Add-ReportMember $report 'service' $service
  Add-ReportMember $report 'serviceState' $script:State
  Add-ReportMember $report 'file' $f['filePath']
  Add-ReportMember $report 'adoptedKeyId' (Get-NullableText $script:AdoptedKey)
  [void]$report.Append(',"restoredCount":' + [string]$script:RestoredCount)
  Add-ReportMember $report 'interrupted' (Get-NullableText $script:WasInterrupted)
  Add-ReportMember $report 'nextSync' $next
  Add-ReportMember $report 'startedAt' $script:StartedAt
  Add-ReportMember $report 'finishedAt' (Get-UtcTime)
  [void]$report.Append(',"milliseconds":' + [string]$now + ',"downtimeMilliseconds":' + [string]$script:Downtime)
  [void]$report.Append(',"restarts":' + [string]$script:Restarts)
  [void]$report.Append(',"phases":[' + [string]::Join(',', [string[]]$phases) + ']}')
  $line = $report.ToString()
  if ($script:Locked) {
    $dir = $script:Dir
    # Until the journal has closed, the next run acts by the order, and by staged: that the file was not replaced.
    if (Test-OneOf $script:JournalPhase @('closed', 'waiting')) {
      Remove-File "$dir/staged"
      Remove-File "$dir/order"
    }
    # A living switch removes its own mark: until it has gone, the next run must know whom it waits for.
    if (-not (Test-Alive (Read-FirstLine "$dir/deadman"))) { Remove-File "$dir/deadman" }
    [void](Write-StateFile 'report' ($line + $script:LF))
    # The switch takes the lock over as soon as its owner, this process, has gone.
    if (-not $script:HandsOff) { Unlock-State }
  }
  Write-Line ([Console]::OpenStandardOutput()) $line
  $code = 22
  if (Test-OneOf $Outcome @('updated', 'ready')) {
    $code = 0
  } elseif (Test-Same $Outcome 'alreadyAdopted') {
    $code = 10
  } elseif (Test-Same $Outcome 'notNow') {
    $code = 11
  } elseif (Test-Same $Outcome 'refused') {
    $code = 20
  } elseif (Test-Same $Outcome 'restored') {
    $code = 21
  }
  # These two only, whatever the input named.
  if ((Test-OneOf $Outcome @('alreadyAdopted', 'notNow')) -and (Test-OneOf $Outcome @(Get-Lines $f['exitZeroFor']))) { $code = 0 }
  if ($code -ge 20) { Write-Line ([Console]::OpenStandardError()) "keyturn: $Reason $Remedy" }
  exit $code
}

# A fault of this script itself: after the stop the former state is put back. Its message may hold anything: it is not told.
function Exit-Unexpected([string]$Where) {
  if (Test-Same $script:Mode 'deadman') {
    # The service runs at least; the journal keeps its phase, and the next run goes on from there.
    if ($script:Locked) { [void](Start-HostService) }
    exit 70
  }
  if ($script:Finishing) { exit 1 }
  $script:Fault = "an unexpected fault ($Where)"
  if ($script:Locked -and -not (Test-OneOf $script:JournalPhase @('closed', 'waiting'))) { Exit-Restored }
  Exit-Report 'refused' "Ended by an unexpected fault ($Where) before the service was stopped." 'Nothing was changed. Report this, with the place.'
}

# ---------------------------------------------------------------------------------------------- the script itself

# A problem where another than root (Windows: SYSTEM, Administrators, the installer) and this user owns a path or may write it.
# The group of this user's own name has nobody else in it; what stands in a sticky folder is its owner's.
function Confirm-Place([string]$Path, [string]$What, [string]$Uid) {
  $closed = $true
  Get-FileMeta $Path
  if (-not $script:OnWindows) {
    $mode = $script:FileMode
    $group = $script:Meta.Substring($script:Meta.LastIndexOf([char]32) + 1)
    if (-not (Test-OneOf $script:FileUid @('0', $Uid))) { $closed = $false }
    if ([regex]::IsMatch($mode, '\Ad.{8}[tT]')) {
      if (-not (Test-Same $What 'folder above it')) { $closed = $false }
    } elseif ([regex]::IsMatch($mode, '\A.{8}w')) {
      $closed = $false
    } elseif ([regex]::IsMatch($mode, '\A.{5}w') -and -not (Test-Same $group '0')) {
      $ids = (Read-ToolOutput @('id', '-g')).Trim() + ' ' + (Read-ToolOutput @('id', '-un')).Trim()
      if (-not (Test-Same ($group + ' ' + (Read-ToolOutput @('id', '-gn')).Trim()) $ids)) { $closed = $false }
    }
    $wanted = 'd'
    if (Test-Same $What 'file') { $wanted = '-' }
    if (-not $mode.StartsWith($wanted, [StringComparison]::Ordinal)) { $closed = $false }
    if (-not $closed) { Add-Problem "The script's $What, $Path, must be owned and written by root or user $Uid only (is $($script:Meta))." }
    return
  }
  try {
    $sid = [Security.Principal.SecurityIdentifier]
    $trusted = @(Get-TrustedSids) + @('S-1-5-80-956008885-3418522649-1831038044-1853292631-2271478464')
    # SYSTEM does not know of whom the run is that has started it; the closed folder of that run does.
    if ($script:Dir.Length -gt 0) {
      $state = Get-Acl -LiteralPath $script:Dir
      $trusted = $trusted + @($state.GetOwner($sid).Value)
      foreach ($rule in $state.GetAccessRules($true, $true, $sid)) { $trusted = $trusted + @($rule.IdentityReference.Value) }
    }
    if ([int]([IO.File]::GetAttributes($Path) -band [IO.FileAttributes]::ReparsePoint) -ne 0) { $closed = $false }
    if (-not (Test-OneOf $script:FileUid $trusted)) { $closed = $false }
    # Every right to write, to delete, and to change who may, generic ones too; what is only inherited further counts there.
    $writing = 0x500D0156
    $acl = Get-Acl -LiteralPath $Path
    foreach ($rule in $acl.GetAccessRules($true, $true, $sid)) {
      if (-not (Test-Same ([string]$rule.AccessControlType) 'Allow')) { continue }
      if ([int]($rule.PropagationFlags -band [Security.AccessControl.PropagationFlags]::InheritOnly) -ne 0) { continue }
      if (([int]$rule.FileSystemRights -band $writing) -eq 0) { continue }
      if (-not (Test-OneOf $rule.IdentityReference.Value $trusted)) { $closed = $false }
    }
  } catch {
    $closed = $false
  }
  if (-not $closed) { Add-Problem "The script's $What, $Path, must be owned and written by SYSTEM, Administrators or this user only (is $($script:Meta))." }
}

# Whoever may write this script, or put another in its place, is asked for the secret and runs as this user: nothing of the
# input is read before this. On Windows the right to make files in the folder above takes nothing from its owner.
function Confirm-Script {
  $uid = Get-UserId
  $at = [IO.Path]::GetDirectoryName($PSCommandPath)
  Confirm-Place $PSCommandPath 'file' $uid
  Confirm-Place $at 'folder' $uid
  if (-not $script:OnWindows) { Confirm-Place (Get-Folder $at) 'folder above it' $uid }
  $match = [regex]::Match([IO.Path]::GetFileName($PSCommandPath), '\Aupdate-([0-9a-f]{8})\.ps1\z')
  if (-not $match.Success) { return }
  $text = [string](Read-Latin $PSCommandPath 0 -1)
  $sha = [Security.Cryptography.SHA256]::Create()
  $digest = [BitConverter]::ToString($sha.ComputeHash($script:Latin.GetBytes($text))).Replace('-', '').ToLowerInvariant()
  $sha.Dispose()
  if (-not $digest.StartsWith($match.Groups[1].Value, [StringComparison]::Ordinal)) {
    Add-Problem "The script $PSCommandPath is not the one that its name tells."
  }
}

# ---------------------------------------------------------------------------------------------- main

$script:StartedAt = Get-UtcTime
$words = @($args)
if ($words.Count -gt 0) { $script:Mode = [string]$words[0] }
try {
  if ($script:OnWindows) { Initialize-Windows }
  if ($words.Count -eq 1 -and (Test-OneOf $script:Mode @('apply', 'check'))) {
    Confirm-Script
    if ($script:Problems.Count -gt 0) {
      Exit-Problems "The script may be another's" 'Nothing was read. Make its folder anew, closed to all but root or this user, put the script there again, and run again.'
    }
    Invoke-Apply
  } elseif ($words.Count -eq 3 -and (Test-Same $script:Mode 'deadman')) {
    $script:Dir = [string]$words[1]
    Confirm-Script
    if ($script:Problems.Count -gt 0) {
      Unregister-DeadManTask ([string]$words[2])
      exit 70
    }
    Watch-Owner ([string]$words[1]) ([string]$words[2])
  }
} catch {
  try {
    Exit-Unexpected ('line ' + [string]$_.InvocationInfo.ScriptLineNumber + ', ' + $_.Exception.GetType().Name)
  } catch {
    exit 1
  }
}
Write-Line ([Console]::OpenStandardError()) 'keyturn: the one argument is apply or check.'
exit 64
