/**
 * What went wrong, the reason first: several errors that came at once, and those of things that could not be given back (`await using` makes a SuppressedError of the
 * two) each on its own.
 */
export function allErrors(error: unknown): readonly unknown[] {
  if (error instanceof AggregateError) return error.errors.flatMap(allErrors)
  return isSuppressedError(error) ? [...allErrors(error.suppressed), ...allErrors(error.error)] : [error]
}

/** Node 22 has no such class; what is built for it brings its own. */
function isSuppressedError(error: unknown): error is Error & { readonly error: unknown; readonly suppressed: unknown } {
  return error instanceof Error && error.name === 'SuppressedError' && 'error' in error && 'suppressed' in error
}
