import { architectureLines, type CompactRule, compactRules, defaultErrno } from './default-profile-data.ts'
import type { SeccompProfile, SeccompRule } from './seccomp-profile.ts'

/** The default profile, unfolded from its data. */
export function defaultProfile(): SeccompProfile {
  return {
    defaultAction: 'SCMP_ACT_ERRNO',
    defaultErrnoRet: defaultErrno,
    archMap: architectureLines.map((line) => {
      const [architecture = '', ...subArchitectures] = line.split(' ').map((name) => `SCMP_ARCH_${name}`)
      return { architecture, subArchitectures }
    }),
    rules: compactRules.map(unfold),
  }
}

function unfold({ names, errno, args, withCap, withoutCap, arches }: CompactRule): SeccompRule {
  return {
    names: names.trim().split(/\s+/),
    action: errno === undefined ? 'SCMP_ACT_ALLOW' : 'SCMP_ACT_ERRNO',
    errnoRet: errno,
    args: args?.map(([index, op, value]) => ({ index, value, op: `SCMP_CMP_${op}` })),
    includes: { caps: withCap === undefined ? undefined : [withCap], arches: arches?.split(' ') },
    excludes: { caps: withoutCap === undefined ? undefined : [withoutCap] },
  }
}
