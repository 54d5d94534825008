import { randomHex } from '@podwright/linux'

const qualities = (
  'able amber ample apt bold brave brief bright brisk calm candid clear clever cosy crisp deft eager early easy fair fleet fond frank fresh ' +
  'gentle glad golden grand handy hardy hearty jolly keen kind lively loyal lucid mellow merry mild neat nimble noble patient plain proud ' +
  'quick quiet ready ripe robust round sharp silent silver simple sleek smart solid sound stable steady stout sturdy subtle sunny sure swift ' +
  'tidy trim true vivid warm wise witty'
).split(' ')

const makers = (
  'arkwright boatwright cartwright cooper carver caulker chandler currier cutler draper dyer farrier fletcher founder fuller glazier glover ' +
  'hatter hooper joiner lorimer mason miller millwright nailer packer pargeter plater plumber porter potter quarrier rigger roofer roper ' +
  'saddler sawyer sailmaker scrivener shipwright slater smelter smith spinner stevedore tanner thatcher tiler tinker turner wainwright ' +
  'warper weaver wheelwright whittler'
).split(' ')

/** A name for a container that was given none: a quality and a trade. */
export function drawName(): string {
  const draw = Number.parseInt(randomHex(4), 16)
  return `${qualities[draw % qualities.length]}_${makers[Math.floor(draw / qualities.length) % makers.length]}`
}
