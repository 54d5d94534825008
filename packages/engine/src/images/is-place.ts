/** Whether a text begins with a transport: `oci:…`. `localhost:5000/app` and `debian:12` don't. */
export function isPlace(typed: string): boolean {
  return /^(?:docker:\/\/|(?:oci|oci-archive|docker-archive|dir|containers-storage|docker-daemon):)/.test(typed)
}
