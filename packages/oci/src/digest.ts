/** `algorithm:hex`, such as `sha256:…` with 64 lower-case digits (image-spec v1.1, "Digests"). */
export type Digest = `${string}:${string}`
