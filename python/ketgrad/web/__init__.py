"""``ketgrad export``: a saved model as one page, which predicts in the browser without a server.

`exportable` says which models can, `module` finds the C++ core as WebAssembly (scripts/web.sh), and
`page` puts them into one file with the scripts that lie beside them.
"""
