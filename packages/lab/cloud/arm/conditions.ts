// Conditions of role assignments, of the one kind that the lab can hold a caller to: which roles somebody may assign or take away.
// Every other condition is refused when it is written, so that none stands there and does nothing. Pure.

/** GUIDs of the role that a request would assign, and of the one that the assignment in place has. */
export interface AssignmentFacts {
  readonly request?: string | undefined;
  readonly resource?: string | undefined;
}

/** For one action: the attribute must be one of these roles. */
interface Clause {
  readonly action: string;
  readonly attribute: keyof AssignmentFacts;
  readonly roles: readonly string[];
}

const CLAUSE =
  /^\(\(!\(ActionMatches\{'([^']+)'\}\)\)OR\(@(Request|Resource)\[Microsoft\.Authorization\/roleAssignments:RoleDefinitionId\]ForAnyOfAnyValues:GuidEquals\{([0-9a-f,-]+)\}\)\)$/i;

/** Undefined for a condition that the lab does not understand. */
export function readCondition(condition: string): readonly Clause[] | undefined {
  const clauses = condition
    .replaceAll(/\s/g, "")
    .split(/(?<=\)\))AND(?=\(\()/)
    .map((text) => {
      const [, action = "", attribute = "", roles = ""] = CLAUSE.exec(text) ?? [];
      if (action === "") return undefined;
      const side: Clause["attribute"] = /request/i.test(attribute) ? "request" : "resource";
      return { action, attribute: side, roles: roles.toLowerCase().split(",") };
    });
  return clauses.every((clause) => clause !== undefined) ? clauses : undefined;
}

/** Whether an assignment with this condition, if any, gives its rights to such a request. */
export function fulfils(
  condition: string | undefined,
  action: string,
  facts: AssignmentFacts,
): boolean {
  if (condition === undefined) return true;
  return (readCondition(condition) ?? []).every(
    (clause) =>
      clause.action.toLowerCase() !== action.toLowerCase() ||
      clause.roles.includes(facts[clause.attribute]?.toLowerCase() ?? ""),
  );
}
