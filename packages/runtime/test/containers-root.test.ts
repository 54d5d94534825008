import { describeContainers } from './support/real-suite.ts'

describeContainers('root')
