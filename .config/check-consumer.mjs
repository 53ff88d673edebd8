// Type-checks what a consumer writes, and the declarations of the package it has installed:
//   node .config/check-consumer.mjs <folder> <module> <files>
// It is `tsc --strict --skipLibCheck false`, save that declarations of others are not checked: they take
// most of the time and are none of ours.
import path from 'node:path'
import ts from 'typescript'

const [folder, module, ...files] = process.argv.slice(2)
const root = path.resolve(folder)
const flags = ['--noEmit', '--strict', '--exactOptionalPropertyTypes', '--noUncheckedIndexedAccess']
const target = ['--target', 'es2022', '--module', module, '--skipLibCheck', 'false']
const types = ['--types', 'node', '--typeRoots', path.resolve('node_modules/@types')]
const { options, errors } = ts.parseCommandLine([...flags, ...target, ...types])
const program = ts.createProgram(
  files.map((file) => path.join(root, file)),
  options,
)

const isOurs = ({ fileName }) =>
  !fileName.includes('/node_modules/') || fileName.includes('/node_modules/agentcore-x402/')
const ours = program.getSourceFiles().filter(isOurs)
// Resolved to nothing, the package would have no declarations, and nothing to find wrong.
if (!ours.some(({ fileName }) => fileName.includes('/node_modules/agentcore-x402/'))) {
  throw new Error('the package was not found')
}
const problems = [
  ...errors,
  ...program.getOptionsDiagnostics(),
  ...program.getGlobalDiagnostics(),
  ...ours.flatMap((file) => [
    ...program.getSyntacticDiagnostics(file),
    ...program.getSemanticDiagnostics(file),
  ]),
]
const host = { ...ts.sys, getCanonicalFileName: (name) => name, getNewLine: () => '\n' }
host.getCurrentDirectory = () => root
process.stdout.write(ts.formatDiagnostics(problems, host))
process.exitCode = problems.length === 0 ? 0 : 1
