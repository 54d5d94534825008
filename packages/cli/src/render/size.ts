const units = ['B', 'kB', 'MB', 'GB', 'TB', 'PB', 'EB']

/** Bytes in decimal units, as docker and podman show them: three significant digits by default, `170MB`, `4.26MB`. */
export function humanSize(bytes: number, digits = 3): string {
  let value = bytes
  let unit = 0
  while (value >= 1000 && unit < units.length - 1) {
    value /= 1000
    unit++
  }
  return `${Number(value.toPrecision(digits))}${units[unit]}`
}
