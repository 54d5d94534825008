const units = ['B', 'kB', 'MB', 'GB', 'TB', 'PB', 'EB']

const binaryUnits = ['B', 'KiB', 'MiB', 'GiB', 'TiB', 'PiB', 'EiB']

/** Bytes in units of 1024, as docker shows memory: four significant digits, `1.5MiB`, `976.6KiB`. */
export function binarySize(bytes: number): string {
  let value = bytes
  let unit = 0
  while (value >= 1024 && unit < binaryUnits.length - 1) {
    value /= 1024
    unit++
  }
  return `${Number(value.toPrecision(4))}${binaryUnits[unit]}`
}

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
