/** The recorded events of Azure. */
import { type JsonObject, recordingsIn } from "../fixture.ts";

const { names, recording } = recordingsIn(new URL("fixtures/", import.meta.url));

export { recording };
export const fixtureNames: readonly string[] = names;
export const fixture = (name: string): JsonObject => recording(name).event;
