/** What an executable plugin reads on stdin: one JSON object, then the end. */
export interface PluginRequest<Verb extends string = string, Args = unknown> {
  readonly apiVersion: 1
  readonly verb: Verb
  readonly args: Args
}

/** What it writes on stdout: a result, or an error with a code of its own. */
export type PluginResponse<Result = unknown> =
  | { readonly apiVersion: 1; readonly result: Result }
  | { readonly apiVersion: 1; readonly error: { readonly code: string; readonly message: string; readonly hint?: string } }
