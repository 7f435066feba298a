# Installs ketgrad from its build tree, then configures, builds and runs the consumer against that.
# Run by ctest, which sets the variables (examples/CMakeLists.txt).
function(run)
  execute_process(COMMAND ${ARGV} COMMAND_ERROR_IS_FATAL ANY)
endfunction()

# Nothing of an earlier run may help: a header that is no longer installed, say.
file(REMOVE_RECURSE ${SCRATCH})
run(${CMAKE_COMMAND} --install ${KETGRAD_BUILD} --config ${BUILD_TYPE} --component development --prefix ${SCRATCH}/prefix)
run(${CMAKE_COMMAND} -S ${CONSUMER} -B ${SCRATCH}/build -G ${GENERATOR}
  -D CMAKE_CXX_COMPILER=${COMPILER}
  -D CMAKE_BUILD_TYPE=${BUILD_TYPE}
  -D CMAKE_CXX_FLAGS=${FLAGS}
  -D CMAKE_PREFIX_PATH=${SCRATCH}/prefix)
run(${CMAKE_COMMAND} --build ${SCRATCH}/build --config ${BUILD_TYPE})
run(${CMAKE_CTEST_COMMAND} --test-dir ${SCRATCH}/build -C ${BUILD_TYPE} --output-on-failure --no-tests=error)
