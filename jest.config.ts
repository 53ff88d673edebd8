/** @jest-config-loader esbuild-register */
import type { Config } from 'jest'

const config: Config = {
  testEnvironment: '<rootDir>/.config/jest-environment.cjs',
  testSequencer: '<rootDir>/.config/jest-sequencer.mjs',
  reporters: ['default', '<rootDir>/.config/jest-slowest.mjs'],
  // By default one core is left idle, and of two only one works.
  maxWorkers: '100%',
  // What a file loaded is not wholly given back.
  workerIdleMemoryLimit: '1GB',
  // A busy machine is no failure.
  testTimeout: 20_000,
  testMatch: ['<rootDir>/tests/**/*.test.ts'],
  extensionsToTreatAsEsm: ['.ts'],
  moduleNameMapper: {
    '^(\\.{1,2}/.*)\\.js$': '$1',
    '^agentcore-x402$': '<rootDir>/src/index.ts',
    '^agentcore-x402/agentcore$': '<rootDir>/src/agentcore/index.ts',
    '^agentcore-x402/client$': '<rootDir>/src/client/index.ts',
    '^agentcore-x402/dynamodb$': '<rootDir>/src/store/index.ts',
    '^agentcore-x402/worker$': '<rootDir>/src/worker/index.ts',
    '^agentcore-x402/testing$': '<rootDir>/src/testing/index.ts',
    '^agentcore-x402/local$': '<rootDir>/src/local/index.ts',
    '^agentcore-x402/strands$': '<rootDir>/src/strands/index.ts',
  },
  transform: { '\\.ts$': '<rootDir>/.config/jest-esbuild.cjs' },
  collectCoverageFrom: ['src/**/*.ts'],
  coverageDirectory: '.cache/coverage/jest',
  coverageReporters: ['json'],
  cacheDirectory: '<rootDir>/.cache/jest',
}

export default config
