// A Windows service for the contract tests: reads its file at its start, re-encrypts it, announces its next sync in the
// trace, and writes down what happened to it. Its one argument is a folder whose files say how it behaves.
using System;
using System.IO;
using System.ServiceProcess;
using System.Text;
using System.Text.RegularExpressions;

public sealed class ContractService : ServiceBase
{
    private readonly string folder;

    private ContractService(string folder)
    {
        this.folder = folder;
        ServiceName = "keyturn-test";
        AutoLog = false;
        CanStop = true;
    }

    public static void Main(string[] args)
    {
        Run(new ContractService(args[0]));
    }

    private string PathOf(string name)
    {
        return Path.Combine(folder, name);
    }

    private string Option(string name)
    {
        return File.Exists(PathOf(name)) ? File.ReadAllText(PathOf(name)) : "";
    }

    private void Event(string name)
    {
        File.AppendAllText(PathOf("events"), name + "\n");
    }

    protected override void OnStart(string[] args)
    {
        Event("start");
        int failures;
        int.TryParse(Option("start-fails"), out failures);
        if (failures > 0)
        {
            File.WriteAllText(PathOf("start-fails"), (failures - 1).ToString());
            throw new InvalidOperationException("the test wants this start to fail");
        }
        string file = Option("file");
        string text = File.ReadAllText(file);
        if (text.StartsWith("ENC:", StringComparison.Ordinal))
        {
            text = Encoding.UTF8.GetString(Convert.FromBase64String(text.Substring(4)));
        }
        else if (File.Exists(PathOf("reencrypts")))
        {
            File.WriteAllText(file, "ENC:" + Convert.ToBase64String(Encoding.UTF8.GetBytes(text)));
        }
        string value = Regex.Match(text, "\"AzureAD_Secret\": \"([^\"]*)\"").Groups[1].Value;
        File.WriteAllText(PathOf("value"), value);
        DateTime now = DateTime.Now;
        string line = Array.IndexOf(Option("accepted").Split('\n'), value) >= 0
            ? "Sync next lookup at " + now.AddHours(1).ToString("yyyy-MM-dd HH:mm:ss") + " ** You can stop the service before that time"
            : "ERROR AADSTS7000215: Invalid client secret provided.";
        string trace = Path.Combine(Option("trace"), "Trace_" + now.Year + "_" + now.Month + ".log");
        File.AppendAllText(trace, line + "\r\n");
    }

    protected override void OnStop()
    {
        Event("stop");
    }
}
