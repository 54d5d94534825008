import * as z from 'zod/mini'

/** zod's `catch`: a schema that reads what it doesn't know as a given value. Under its own name it would look like a promise's. */
export { catch as orElse } from 'zod/mini'

/** Stops at the first mistake: there can be millions of them. */
const context: z.core.ParseContextInternal<z.core.$ZodIssue> = { abortEarly: true }

/**
 * Reads JSON that may say what it likes. Nothing is told of what is wrong with it, since it may be secret.
 *
 * @returns undefined for what isn't JSON, or not as the schema says
 */
export function readJson<T>(schema: z.ZodMiniType<T>, json: string | Uint8Array): T | undefined {
  try {
    const value: unknown = JSON.parse(typeof json === 'string' ? json : new TextDecoder().decode(json))
    return z.safeParse(schema, value, context).data
  } catch {
    return undefined
  }
}
