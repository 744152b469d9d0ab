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
#   line, in the environment, or in an error: a message of an exception is never passed on.
# - Text that must stay what it is, byte by byte (file, secrets, trace), is held as Latin-1: one character a byte.
# ASCII only: 5.1 reads a file without a BOM in the code page of the machine.

Set-StrictMode -Version 2
$ErrorActionPreference = 'Stop'
$ProgressPreference = 'SilentlyContinue'
$PSNativeCommandUseErrorActionPreference = $false

$script:Contract = 'keyturn-update/1'
$script:JournalHead = 'keyturn-journal/1'
$script:SecretFields = @('content', 'before', 'after', 'value')
$script:PlainFields = @(
  'consumer', 'epoch', 'keyId', 'revision', 'attempt', 'retry', 'exitZeroFor', 'serviceManager', 'service',
  'startCommand', 'stopCommand', 'statusCommand', 'filePath', 'fileMode', 'window', 'traceDirectory', 'tracePattern',
  'tracePrefix', 'traceSuffix', 'traceInstances', 'failurePatterns', 'windowDaily', 'marginSeconds', 'patienceSeconds',
  'stopTimeoutSeconds', 'startTimeoutSeconds', 'proofReencrypted', 'proofSyncLine', 'settleSeconds',
  'proofTimeoutSeconds', 'deadlineSeconds', 'deadManSeconds'
)
$script:InputSeconds = 60
$script:ArmSeconds = 30
$script:StatusSeconds = 15
$script:ToolSeconds = 120
$script:TraceBytes = 1048576
$script:HistoryLines = 40
$script:LF = [string][char]10
$script:OnWindows = [string]::Equals([string][Environment]::OSVersion.Platform, 'Win32NT', [StringComparison]::Ordinal)
$script:Latin = [Text.Encoding]::GetEncoding(28591)
$script:Utf8 = [Text.UTF8Encoding]::new($false, $true)
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
$script:ServiceProcess = $null
$script:State = 'unknown'
$script:Dir = ''
$script:Locked = $false
$script:Holding = ''
$script:LockBase = ''
$script:Holder = ''
$script:Armed = $false
$script:Swapped = $false
$script:AdoptedKey = ''
$script:AdoptedRevision = ''
$script:RestoredCount = 0
$script:History = @()
$script:TraceMark = ''
$script:JournalPhase = 'closed'
$script:JournalKey = ''
$script:JournalRevision = ''
$script:JournalRetry = '0'
$script:WasInterrupted = ''
$script:NextSync = $null
$script:Safe = $false
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
$script:DeadlineAt = $null
$script:PatienceUntil = $null
$script:Finishing = $false
$script:Meta = ''
$script:Names = 0
$script:FileMode = ''
$script:FileUid = ''
$script:Room = $null
$script:Mount = ''
$script:NewText = ''
$script:EditCurrent = ''
$script:Me = ''
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

function Add-Problem([string]$Sentence) { [void]$script:Problems.Add($Sentence) }

# Milliseconds since this script began, of a clock that does not jump.
function Get-NowMs { return [long]$script:Clock.ElapsedMilliseconds }

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
  if (-not $script:OnWindows) { [void](Invoke-HostCommand $script:ToolSeconds @('sync', $Path)) }
}

function Format-Utc([DateTime]$At) { return $At.ToString('yyyy-MM-ddTHH:mm:ss', $script:Invariant) + 'Z' }

function Get-UtcTime { return (Format-Utc ([DateTime]::UtcNow)) }

function Test-There([string]$Path) { return ([IO.File]::Exists($Path) -or [IO.Directory]::Exists($Path)) }

function Remove-File([string]$Path) {
  try { [IO.File]::Delete($Path) } catch { return }
}

# A file's bytes from $From on, at most $Most of the last of them, as Latin-1; $null when it cannot be read. Takes nobody's turn.
function Read-Latin([string]$Path, [long]$From, [long]$Most) {
  $stream = $null
  try {
    $stream = [IO.FileStream]::new($Path, [IO.FileMode]::Open, [IO.FileAccess]::Read, ([IO.FileShare]::ReadWrite -bor [IO.FileShare]::Delete))
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

# First line of a small file of ours; '' when it is not there.
function Read-FirstLine([string]$Path) {
  $text = Read-Latin $Path 0 -1
  if ($null -eq $text) { return '' }
  $lines = @(Get-Lines $text)
  if ($lines.Count -eq 0) { return '' }
  return [string]$lines[0]
}

# Renames one file over another: a reader sees either. A reader that shares nothing holds it up for two seconds at most.
function Move-Over([string]$From, [string]$To) {
  for ($try = 0; $try -lt 20; $try++) {
    try {
      if ([IO.File]::Exists($To)) {
        [IO.File]::Replace($From, $To, [NullString]::Value)
      } else {
        [IO.File]::Move($From, $To)
      }
      return $true
    } catch {
      if (-not $script:OnWindows) { return $false }
      Wait-Moment 100
    }
  }
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

# Bytes of a file; -1 when it is not there.
function Get-FileSize([string]$Path) {
  try { return [IO.FileInfo]::new($Path).Length } catch { return [long]-1 }
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
    $action = ([Type]'System.Action`1').MakeGenericType($contextType)
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
  return $info
}

# Standard output of a short tool; '' when it fails.
function Read-ToolOutput([string[]]$Words) {
  $process = $null
  try {
    $info = New-StartInfo $Words
    $info.RedirectStandardInput = $true
    $info.RedirectStandardOutput = $true
    $info.RedirectStandardError = $true
    $process = [Diagnostics.Process]::Start($info)
    $process.StandardInput.Close()
    $process.BeginErrorReadLine()
    $reading = $process.StandardOutput.ReadToEndAsync()
    if (-not $reading.Wait($script:StatusSeconds * 1000) -or -not $process.WaitForExit($script:StatusSeconds * 1000)) {
      $process.Kill()
      return ''
    }
    if ($process.ExitCode -ne 0) { return '' }
    return [string]$reading.Result
  } catch {
    return ''
  } finally {
    if ($null -ne $process) { $process.Dispose() }
  }
}

