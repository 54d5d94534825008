/** A URL that may be shown: user, password, query and fragment can be secrets. */
export function redactUrl(url: URL): string {
  return `${url.origin}${url.pathname}${url.search === '' ? '' : '?…'}`
}
