/** The recorded events of AWS. */
import { type JsonObject, recordingsIn } from "../fixture.ts";

export { changed, type Json, type JsonObject } from "../fixture.ts";

const { recording } = recordingsIn(new URL("fixtures/", import.meta.url));

export const fixture = (name: string): JsonObject => recording(name).event;
