// azuread.Group: a security or Microsoft 365 group, on Graph's beta endpoint.
import { randomUUID } from "node:crypto";

import { isUnknown, type Properties } from "../../provider/values";
import { INTERVAL_SECONDS } from "../consistency";
import { attempt, Diagnostic, duplicateName } from "../diagnostics";
import { groupName, objectIdOf } from "../ids";
import { child, flag, nullIfEmpty, query, quoted, text, texts, typed } from "../json";
import type { Operation } from "../operation";
import { reference } from "../owners";
import { defineResource } from "../resource";
import { resourceId } from "../validators";
import { examineGroup, GROUP_FIELDS } from "./group-fields";
import { addMember, ownersOf, pathOf, related, updateRelated } from "./group-relations";
import { fromGraph } from "./group-wire";

const TERRAFORM_TYPE = "azuread_group";

/** Answered by Graph for Microsoft 365 groups only. */
const UNIFIED_PROPERTIES =
  "allowExternalSenders,autoSubscribeNewMembers,hideFromAddressLists,hideFromOutlookClients";

export const group = defineResource({
  terraformType: TERRAFORM_TYPE,
  fields: GROUP_FIELDS,
  createMinutes: 20,
  examine: async (planned, op, prior) => {
    examineGroup(planned);
    if (texts(planned, "administrativeUnitIds").length > 0) {
      throw new Diagnostic("The lab has no administrative units", {
        path: "administrative_unit_ids",
      });
    }
    if (prior === undefined) await refuseDuplicate(planned, op);
  },
  create,
  read,
  update,
  delete: remove,
  refuseImport: (id) => resourceId("Group", "groups")(id, "id"),
});

async function create(planned: Properties, op: Operation): Promise<string> {
  await refuseDuplicate(planned, op);
  const owners = await ownersOf(planned, op);
  const displayName = text(planned, "displayName");
  const body = typed("group", {
    ...described(planned),
    groupTypes: texts(planned, "types"),
    isAssignableToRole: flag(planned, "assignableToRole"),
    mailNickname: text(planned, "mailNickname") || randomUUID().slice(0, 10),
    "owners@odata.bind": owners.map((each) => reference(each, op, "beta")),
    resourceBehaviorOptions: texts(planned, "behaviors"),
    resourceProvisioningOptions: texts(planned, "provisioningOptions"),
  });
  const made = await attempt(`Creating group "${displayName}"`, () =>
    op.graph.post("/beta/groups", body, op.patient),
  );
  const objectId = text(made, "id");
  op.made(`/groups/${objectId}`);
  await renameUntilReplicated(objectId, displayName, op);
  for (const member of texts(planned, "members")) await addMember(objectId, member, op);
  return `/groups/${objectId}`;
}

/** A patch to another name and back, and then a wait, tell whether the new group is everywhere. */
async function renameUntilReplicated(objectId: string, name: string, op: Operation): Promise<void> {
  for (const displayName of [`TERRAFORM_UPDATE_${randomUUID()}`, name]) {
    await attempt(`Failed to patch ${groupName(objectId)} after creating`, () =>
      op.graph.patch(pathOf(objectId), typed("group", { displayName }), op.patient),
    );
  }
  const summary = `Waiting for update of \`display_name\` for ${groupName(objectId)}`;
  await op.wait(summary, "Done", INTERVAL_SECONDS, async () => {
    const found = await op.find(pathOf(objectId), summary);
    return found !== undefined && text(found, "displayName") === name;
  });
}

async function read(id: string, state: Properties, op: Operation): Promise<Properties | undefined> {
  const objectId = objectIdOf(id);
  const found = await op.find(pathOf(objectId), `Retrieving ${groupName(objectId)}`);
  if (found === undefined) return undefined;
  const unified = texts(found, "groupTypes").includes("Unified")
    ? await attempt(`Retrieving ${groupName(objectId)}`, () =>
        op.graph.get(`${pathOf(objectId)}${query({ $select: UNIFIED_PROPERTIES })}`, op.once),
      )
    : {};
  const owners = await related(objectId, "owners", "owners", op);
  const members = await related(objectId, "members", "members", op);
  // The vendor's plugin reports a failure here as one of the members.
  const memberOf = await related(objectId, "memberOf", "members", op);
  const properties = fromGraph(
    found,
    {
      owners: owners.map((each) => text(each, "id")),
      members: members.map((each) => text(each, "id")),
      units: memberOf
        .filter((each) => text(each, "@odata.type") === "#microsoft.graph.administrativeUnit")
        .map((each) => text(each, "id")),
    },
    unified,
  );
  return { ...properties, preventDuplicateNames: flag(state, "preventDuplicateNames") };
}

async function update(
  id: string,
  planned: Properties,
  prior: Properties,
  op: Operation,
): Promise<void> {
  const objectId = objectIdOf(id);
  await refuseDuplicate(planned, op, objectId);
  await op.locks.hold(pathOf(objectId), async () => {
    await attempt(`Updating ${groupName(objectId)}`, () =>
      op.graph.patch(pathOf(objectId), typed("group", described(planned)), op.once),
    );
    await updateRelated(objectId, "members", planned, prior, op);
    await updateRelated(objectId, "owners", planned, prior, op);
  });
}

async function remove(id: string, _state: Properties, op: Operation): Promise<void> {
  const objectId = objectIdOf(id);
  const name = groupName(objectId);
  await op.locks.hold(pathOf(objectId), async () => {
    await attempt(`Retrieving ${name}`, () => op.graph.get(pathOf(objectId), op.once), "id");
    await attempt(`Deleting ${name}`, () => op.graph.delete(pathOf(objectId), op.once), "id");
    await op.waitGone(pathOf(objectId), `Waiting for deletion of ${name}`, INTERVAL_SECONDS);
  });
}

/** What a creation and an update both send. */
function described(planned: Properties): Properties {
  const dynamic = child(planned, "dynamicMembership");
  const rule = text(dynamic, "rule");
  const theme = text(planned, "theme");
  const visibility = text(planned, "visibility");
  return {
    description: nullIfEmpty(planned["description"]),
    displayName: text(planned, "displayName"),
    mailEnabled: flag(planned, "mailEnabled"),
    membershipRule: nullIfEmpty(rule),
    ...(rule !== "" && {
      membershipRuleProcessingState: flag(dynamic, "enabled") ? "On" : "Paused",
    }),
    securityEnabled: flag(planned, "securityEnabled"),
    ...(theme !== "" && { theme }),
    ...(visibility !== "" && { visibility }),
  };
}

async function refuseDuplicate(planned: Properties, op: Operation, own?: string): Promise<void> {
  const name = text(planned, "displayName");
  if (!flag(planned, "preventDuplicateNames") || name === "" || isUnknown(name)) return;
  const filter = query({ $filter: `displayName eq ${quoted(name)}` });
  const found = await attempt(
    "Could not check for existing groups(s)",
    () => op.graph.list(`/beta/groups${filter}`, op.once),
    "name",
  );
  const other = found.find((each) => text(each, "id") !== own);
  if (other !== undefined) throw duplicateName(TERRAFORM_TYPE, text(other, "id"), name);
}
