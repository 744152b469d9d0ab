# Builds and registers the contract tests' Windows service, or removes it. Windows PowerShell 5.1, elevated.
param([string]$Action, [string]$Name, [string]$Folder, [string]$Source)
Set-StrictMode -Version 2
$ErrorActionPreference = 'Stop'
if ($Action -eq 'register') {
  $program = [IO.Path]::Combine($Folder, 'service.exe')
  Add-Type -TypeDefinition ([IO.File]::ReadAllText($Source)) -OutputAssembly $program -OutputType ConsoleApplication -ReferencedAssemblies System.ServiceProcess
  [void](New-Service -Name $Name -DisplayName "Keyturn contract test ($Name)" -BinaryPathName ('"' + $program + '" "' + $Folder + '"') -StartupType Manual)
} else {
  if ((Get-Service -Name $Name).Status -ne 'Stopped') { Stop-Service -Name $Name -Force }
  & ([Environment]::SystemDirectory + '\sc.exe') delete $Name
}
exit 0
