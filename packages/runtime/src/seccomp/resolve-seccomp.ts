import { isKernelAtLeast, kernelVersion } from '@podwright/linux'
import type { RuntimeSeccomp } from '@podwright/oci'
import type { SeccompCondition, SeccompProfile, SeccompRule } from './seccomp-profile.ts'

/** What a profile is resolved for. */
export interface SeccompTarget {
  /** Node's name: `x64`. */
  readonly architecture: string
  /** The process's bounding set. */
  readonly capabilities: readonly string[]
  /** Kernel release. */
  readonly kernel: string
}

/** Node's name of an architecture, Go's (as profiles have it), libseccomp's. */
const architectures: Readonly<Record<string, readonly [go: string, seccomp: string]>> = {
  x64: ['amd64', 'SCMP_ARCH_X86_64'],
  ia32: ['x86', 'SCMP_ARCH_X86'],
  arm64: ['arm64', 'SCMP_ARCH_AARCH64'],
  arm: ['arm', 'SCMP_ARCH_ARM'],
  ppc64: ['ppc64le', 'SCMP_ARCH_PPC64LE'],
  s390x: ['s390x', 'SCMP_ARCH_S390X'],
  riscv64: ['riscv64', 'SCMP_ARCH_RISCV64'],
  loong64: ['loong64', 'SCMP_ARCH_LOONGARCH64'],
  mips64el: ['mips64le', 'SCMP_ARCH_MIPSEL64'],
}

/** The runtime-spec's form of a profile: conditions decided, the rest as it stands. */
export function resolveSeccomp(profile: SeccompProfile, target: SeccompTarget): RuntimeSeccomp {
  const [go, native] = architectures[target.architecture] ?? [target.architecture, undefined]
  const rules = profile.rules.filter((rule) => applies(rule, go, target))
  return {
    defaultAction: profile.defaultAction,
    ...(profile.defaultErrnoRet === undefined ? {} : { defaultErrnoRet: profile.defaultErrnoRet }),
    ...architecturesOf(profile, native),
    ...(profile.flags === undefined || profile.flags.length === 0 ? {} : { flags: profile.flags }),
    syscalls: rules.map((rule) => ({
      names: rule.names,
      action: rule.action,
      ...(rule.errnoRet === undefined ? {} : { errnoRet: rule.errnoRet }),
      ...(rule.args === undefined || rule.args.length === 0 ? {} : { args: rule.args.map(argument) }),
    })),
  }
}

function architecturesOf(profile: SeccompProfile, native: string | undefined): { architectures?: readonly string[] } {
  if (profile.archMap === undefined) return profile.architectures === undefined ? {} : { architectures: profile.architectures }
  // Without a line for it, libseccomp covers the native architecture by itself.
  const line = profile.archMap.find(({ architecture }) => architecture === native)
  return line === undefined ? {} : { architectures: [line.architecture, ...line.subArchitectures] }
}

function argument({ index, value, valueTwo, op }: NonNullable<SeccompRule['args']>[number]): {
  index: number
  value: number
  valueTwo?: number
  op: string
} {
  return valueTwo === undefined || valueTwo === 0 ? { index, value, op } : { index, value, valueTwo, op }
}

/** All that `includes` names must hold, nothing that `excludes` names may. */
function applies({ includes = {}, excludes = {} }: SeccompRule, architecture: string, target: SeccompTarget): boolean {
  return (
    (isEmpty(includes.arches) || includes.arches?.includes(architecture) === true) &&
    (isEmpty(includes.caps) || hasAll(includes.caps, target)) &&
    (includes.minKernel === undefined || hasKernel(includes, target)) &&
    !(excludes.arches?.includes(architecture) ?? false) &&
    !(excludes.caps?.some((name) => target.capabilities.includes(name)) ?? false) &&
    !(excludes.minKernel !== undefined && hasKernel(excludes, target))
  )
}

function isEmpty(list: readonly string[] | undefined): boolean {
  return list === undefined || list.length === 0
}

function hasAll(capabilities: readonly string[] | undefined, target: SeccompTarget): boolean {
  return (capabilities ?? []).every((name) => target.capabilities.includes(name))
}

function hasKernel({ minKernel = '' }: SeccompCondition, target: SeccompTarget): boolean {
  const [major = 0, minor = 0] = minKernel.split('.').map(Number)
  return isKernelAtLeast(major, minor, kernelVersion(target.kernel))
}
