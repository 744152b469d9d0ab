// A product's file with the epoch's secret in it; what is wrong with the file is said with the consumer's name.
import { RunError } from "@pulumi/pulumi";
import type { InstanceValues } from "../src/decide/instance-file";
import { InstanceFileError, editInstanceFile } from "../src/decide/instance-file";
import type { AutomaticConsumer } from "../src/keyturn-config";

/** The product's file with the secret in place. @throws RunError that names the consumer, shown without a trace */
export function editedFile(
  consumer: AutomaticConsumer,
  file: string,
  values: InstanceValues,
): string {
  try {
    return editInstanceFile(file, consumer.host, values);
  } catch (error) {
    if (!(error instanceof InstanceFileError)) throw error;
    throw new RunError(`consumerSecrets.${consumer.name}.file ${error.message}.`);
  }
}
