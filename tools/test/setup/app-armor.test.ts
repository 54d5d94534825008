import { readFileSync } from 'node:fs'
import { appArmorHelperPath, appArmorProfile, appArmorProfilePath } from '@podwright/userns'
import { expect, test } from 'vitest'

const read = (file: string): string => readFileSync(new URL(`../../setup/${file}`, import.meta.url), 'utf8')

test('set-up installs the profile that userns knows, for the program that it starts', () => {
  expect(read('podwright.apparmor')).toBe(appArmorProfile)
  expect(read('user-namespaces.sh')).toContain(`app_armor_helper=${appArmorHelperPath}\n`)
  expect(read('user-namespaces.sh')).toContain(`app_armor_profile=${appArmorProfilePath}\n`)
})
