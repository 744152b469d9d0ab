//go:build !windows

// The recorded calls of the engine: the same request gets the same answer.
package main

import (
	"bufio"
	"context"
	"encoding/json"
	"os"
	"reflect"
	"strings"
	"testing"

	pulumirpc "github.com/pulumi/pulumi/sdk/v3/proto/go"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/encoding/protojson"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/known/emptypb"
)

type recordedCall struct {
	Step     string          `json:"step"`
	Call     string          `json:"call"`
	Request  json.RawMessage `json:"request"`
	Response json.RawMessage `json:"response"`
	Errors   []string        `json:"errors"`
}

func TestAnswersTheRecordedCallsOfTheEngine(t *testing.T) {
	directory := program(t, "process.exit(0)")
	installPackage(t, directory, "@pulumi/azuread",
		`{"name":"@pulumi/azuread","version":"6.9.1","pulumi":{"resource":true,"name":"azuread","version":"6.9.1"}}`)
	installPackage(t, directory, "@pulumi/command",
		`{"name":"@pulumi/command","version":"1.2.1","pulumi":{"resource":true}}`)
	installPackage(t, directory, "@pulumi/random",
		`{"name":"@pulumi/random","version":"v4.21.1","pulumi":{"resource":true,"name":"random"}}`)
	installPackage(t, directory, "luxon", `{"name":"luxon","version":"3.7.2"}`)
	host := startHost(t)

	file, err := os.Open("testdata/engine.calls.jsonl")
	must(t, err)
	defer file.Close()
	calls := bufio.NewScanner(file)
	calls.Buffer(nil, 1<<20)
	count := 0
	for calls.Scan() {
		var call recordedCall
		must(t, json.Unmarshal([]byte(strings.ReplaceAll(calls.Text(), "PROGRAM", directory)), &call))
		count++
		t.Run(call.Step+" "+call.Call, func(t *testing.T) { replay(t, host.client, call) })
	}
	must(t, calls.Err())
	if count < 10 {
		t.Fatalf("only %d recorded calls were found", count)
	}
}

func replay(t *testing.T, client pulumirpc.LanguageRuntimeClient, call recordedCall) {
	ctx := context.Background()
	request := func(m proto.Message) { must(t, protojson.Unmarshal(call.Request, m)) }
	var response proto.Message
	var err error
	switch call.Call {
	case "LanguageRuntime/GetPluginInfo":
		response, err = client.GetPluginInfo(ctx, &emptypb.Empty{})
	case "LanguageRuntime/GetRequiredPackages":
		var r pulumirpc.GetRequiredPackagesRequest
		request(&r)
		response, err = client.GetRequiredPackages(ctx, &r)
	case "LanguageRuntime/Run":
		var r pulumirpc.RunRequest
		request(&r)
		response, err = client.Run(ctx, &r)
		if len(call.Errors) > 0 {
			call.Response = json.RawMessage("{}") // the recorded engine hung up, we do not
		}
	case "LanguageRuntime/About":
		// Recorded against a host without it; ours answers.
		var r pulumirpc.AboutRequest
		request(&r)
		about, err := client.About(ctx, &r)
		must(t, err)
		if about.GetExecutable() == "" || !strings.HasPrefix(about.GetVersion(), "v") {
			t.Fatalf("About answered %v", about)
		}
		return
	case "LanguageRuntime/Cancel":
		_, err := client.Cancel(ctx, &emptypb.Empty{})
		must(t, err)
		return
	default:
		t.Fatalf("no replay for %s", call.Call)
	}
	must(t, err)
	content, err := protojson.Marshal(response)
	must(t, err)
	var got, want any
	must(t, json.Unmarshal(content, &got))
	must(t, json.Unmarshal(call.Response, &want))
	if !reflect.DeepEqual(got, want) {
		t.Fatalf("got %s, recorded %s", content, call.Response)
	}
}

func TestSaysUnimplementedForWhatOnlyCodeGenerationNeeds(t *testing.T) {
	host := startHost(t)
	ctx := context.Background()
	_, packErr := host.client.Pack(ctx, &pulumirpc.PackRequest{})
	_, linkErr := host.client.Link(ctx, &pulumirpc.LinkRequest{})
	_, templateErr := host.client.Template(ctx, &pulumirpc.TemplateRequest{})
	_, programErr := host.client.GenerateProgram(ctx, &pulumirpc.GenerateProgramRequest{})
	for _, err := range []error{packErr, linkErr, templateErr, programErr} {
		if status.Code(err) != codes.Unimplemented || !strings.Contains(err.Error(), "vendor's") {
			t.Errorf("got %v", err)
		}
	}
}
