// azuread.getGroup: by display name, mail nickname or object id, on Graph's beta endpoint.
import type { Properties } from "../../provider/values";
import { attempt, Diagnostic } from "../diagnostics";
import { groupName } from "../ids";
import { flag, query, quoted, text } from "../json";
import type { Operation } from "../operation";
import { fromGraph } from "../resources/group-wire";
import { defineFunction } from "./define";

export const getGroup = defineFunction("azuread:index/getGroup:getGroup", async (args, op) => {
  const found = await find(args, op);
  const objectId = text(found, "id");
  const transitive = flag(args, "includeTransitiveMembers");
  const members = await related(objectId, transitive ? "transitiveMembers" : "members", op);
  const owners = await related(objectId, "owners", op);
  const { dynamicMembership, ...group } = fromGraph(found, { members, owners, units: [] }, {});
  delete group["administrativeUnitIds"];
  return {
    ...group,
    dynamicMemberships: dynamicMembership === null ? [] : [dynamicMembership ?? null],
    id: `/groups/${objectId}`,
    includeTransitiveMembers: transitive,
    onpremisesGroupType: text(group, "onpremisesGroupType"),
  };
});

async function find(args: Properties, op: Operation): Promise<Properties> {
  const objectId = text(args, "objectId");
  if (objectId !== "") {
    const found = await op.find(`/beta/groups/${objectId}`, `Retrieving ${groupName(objectId)}`);
    if (found !== undefined) return found;
    throw new Diagnostic(`No group found with object ID: "${objectId}"`, { path: "object_id" });
  }
  const byName = text(args, "displayName") !== "";
  const path = byName ? "display_name" : "mail_nickname";
  const filter = filterOf(args, byName);
  const groups = await attempt("Listing groups", () =>
    op.graph.list(`/beta/groups${query({ $filter: filter })}`, op.once),
  );
  const [group, ...others] = groups;
  if (group === undefined) {
    throw new Diagnostic(`No group found matching specified filter (${filter})`, { path });
  }
  if (others.length === 0) return group;
  throw new Diagnostic(`More than one group found matching specified filter (${filter})`, { path });
}

function filterOf(args: Properties, byName: boolean): string {
  const name = byName
    ? `displayName eq ${quoted(text(args, "displayName"))}`
    : `mailNickname eq ${quoted(text(args, "mailNickname"))}`;
  const switches = ["mailEnabled", "securityEnabled"].flatMap((each) =>
    typeof args[each] === "boolean" ? [`${each} eq ${String(args[each])}`] : [],
  );
  return [name, ...switches].join(" and ");
}

async function related(objectId: string, relation: string, op: Operation): Promise<string[]> {
  const found = await attempt(`Could not retrieve ${relation} for ${groupName(objectId)}`, () =>
    op.graph.list(`/beta/groups/${objectId}/${relation}`, op.once),
  );
  return found.map((each) => text(each, "id"));
}
