// The inputs that a resource as read would have: for a refresh those that the program gave, with what
// they are now; for an import every input that says something.
import { equal, isPlainObject, type Properties, type PropertyValue } from "../provider/values";
import { DEFAULTS_KEY } from "./check";
import { type Fields, isBlank, isInput } from "./schema";

/** Inputs after a refresh; `__defaults` names those defaults that still hold. */
export function refreshedInputs(given: Properties, state: Properties): Properties {
  const inputs: Properties = {};
  const defaults: string[] = [];
  const marks = given[DEFAULTS_KEY];
  for (const [name, value] of Object.entries(given)) {
    const now = state[name];
    if (name === DEFAULTS_KEY || now === undefined || now === null) continue;
    inputs[name] = refreshed(value, now);
    if (Array.isArray(marks) && marks.includes(name) && equal(value, now)) defaults.push(name);
  }
  return defaults.length === 0 ? inputs : { [DEFAULTS_KEY]: defaults, ...inputs };
}

function refreshed(given: PropertyValue, now: PropertyValue): PropertyValue {
  if (Array.isArray(given) && Array.isArray(now)) {
    return now.map((each, index) => {
      const before = given[index];
      return before === undefined ? each : refreshed(before, each);
    });
  }
  return isPlainObject(given) && isPlainObject(now) ? refreshedInputs(given, now) : now;
}

/** Inputs of a resource that no program has described yet. */
export function importedInputs(fields: Fields, state: Properties): Properties {
  const inputs: Properties = { [DEFAULTS_KEY]: [] };
  for (const [name, field] of Object.entries(fields)) {
    const value = state[name];
    if (!isInput(field) || value === undefined || isBlank(field, value)) continue;
    if (field.kind === "block" && isPlainObject(value)) {
      inputs[name] = importedInputs(field.fields, value);
    } else if (field.kind === "blocks" && Array.isArray(value)) {
      inputs[name] = value.map((each) =>
        isPlainObject(each) ? importedInputs(field.fields, each) : each,
      );
    } else inputs[name] = value;
  }
  return inputs;
}
