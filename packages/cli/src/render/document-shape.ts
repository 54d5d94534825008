/** What a template takes the objects of a document for. JSON alone doesn't tell a map from a struct, and only a map may lack what is asked for. */
export interface DocumentShape {
  /** What errors of templates call the document. */
  readonly typeName: string
  /** Keys whose values are maps: what is below them was named by somebody. @default none */
  readonly maps?: readonly string[] | undefined
  /** What templates find besides the document's own keys; worked out when it is asked for. @default none */
  readonly fields?: Readonly<Record<string, (document: object) => unknown>> | undefined
}
