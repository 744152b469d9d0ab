// Writes a stand-in's answers into the messages that the engine reads.
import {
  CheckFailure,
  CheckResponse,
  ConfigureResponse,
  DiffResponse,
  InvokeResponse,
  PropertyDiff,
  ReadResponse,
} from "@pulumi/pulumi/proto/provider_pb";

import { toStruct } from "./codec";
import type {
  CheckAnswer,
  CheckFailure as Failure,
  ConfigureAnswer,
  DiffAnswer,
  InvokeAnswer,
  ReadAnswer,
} from "./stand-in";

export function checkResponse(answer: CheckAnswer): CheckResponse {
  const response = new CheckResponse();
  response.setInputs(toStruct(answer.inputs));
  response.setFailuresList(failures(answer.failures));
  return response;
}

export function configureResponse(answer: ConfigureAnswer): ConfigureResponse {
  const response = new ConfigureResponse();
  response.setAcceptsecrets(answer.acceptSecrets);
  response.setSupportspreview(answer.supportsPreview);
  response.setAcceptresources(answer.acceptResources);
  response.setAcceptoutputs(answer.acceptOutputs);
  response.setSupportsAutonamingConfiguration(answer.supportsAutonamingConfiguration);
  return response;
}

export function diffResponse(answer: DiffAnswer): DiffResponse {
  const response = new DiffResponse();
  response.setChanges(DiffResponse.DiffChanges[`DIFF_${answer.changes}`]);
  response.setReplacesList([...answer.replaces]);
  response.setDiffsList([...answer.diffs]);
  response.setStablesList([...answer.stables]);
  response.setDeletebeforereplace(answer.deleteBeforeReplace);
  response.setHasdetaileddiff(answer.hasDetailed);
  for (const [path, kind] of Object.entries(answer.detailed)) {
    const property = new PropertyDiff();
    property.setKind(PropertyDiff.Kind[kind]);
    property.setInputdiff(answer.inputDiff ?? false);
    response.getDetaileddiffMap().set(path, property);
  }
  return response;
}

export function readResponse(answer: ReadAnswer): ReadResponse {
  const response = new ReadResponse();
  response.setId(answer.id);
  if (answer.properties !== undefined) response.setProperties(toStruct(answer.properties));
  if (answer.inputs !== undefined) response.setInputs(toStruct(answer.inputs));
  return response;
}

export function invokeResponse(answer: InvokeAnswer): InvokeResponse {
  const response = new InvokeResponse();
  response.setReturn(toStruct(answer.return));
  response.setFailuresList(failures(answer.failures));
  return response;
}

function failures(list: readonly Failure[]): CheckFailure[] {
  return list.map(({ property, reason }) => {
    const failure = new CheckFailure();
    failure.setProperty(property);
    failure.setReason(reason);
    return failure;
  });
}
