import createClient from "openapi-fetch";
import type { paths } from "./schema.js";

export type { components, operations, paths } from "./schema.js";

/** A client of one site whose calls have the types of its document; with a token, in the name of who signed in. */
export const mawid = (baseUrl: string, token?: string, language = "en") =>
  createClient<paths>({
    baseUrl,
    headers: { "Accept-Language": language, ...(token ? { Authorization: `Bearer ${token}` } : {}) },
  });
