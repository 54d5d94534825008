/** `goZeroValue` of @podwright/go-template, which is loaded only where there is a template. */
const zeroValue: unique symbol = Symbol.for('podwright.go-template.zero-value') as never

/**
 * Labels of a row: docker prints them as `a=1,b=2`, podman has a map, and templates are written for both. So it is a map that prints as docker does, and is
 * docker's text in JSON.
 */
export class LabelSet extends Map<string, string> {
  constructor(labels: Readonly<Record<string, string>>) {
    super(Object.entries(labels))
    // A label that isn't there is empty.
    Object.defineProperty(this, zeroValue, { value: '' })
  }

  String(): string {
    return [...this].map(([name, value]) => `${name}=${value}`).join(',')
  }

  override toString(): string {
    return this.String()
  }

  toJSON(): string {
    return this.String()
  }
}
