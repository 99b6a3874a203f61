// Package pjrt installs the shared libraries through which XLA computes, PJRT plugins, into the
// user's cache folder, where package device finds them.
//
// The plugins are published in Python packages, so Python's package client downloads them: "python3
// -m pip download" of the packages that cpu.txt or cuda.txt pins by version and sha256. No code of
// a package is run, and nothing is installed as Python. The libraries are extracted from the
// wheels, which are zip files:
//
//	pjrt_c_api_cpu_plugin.so                              from lammps-jax-pjrt-cpu
//	jax-cuda12-pjrt-0.10.2/jax_plugins/xla_cuda12/*.so    from jax-cuda12-pjrt
//	jax-cuda12-pjrt-0.10.2/nvidia/                        libraries of NVIDIA
//
// Each file gets its name only when it is complete and durable, the plugin last, so that a plugin
// that is found can be opened.
package pjrt
