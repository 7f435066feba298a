# Installs ketgrad from its build tree and builds this folder's project against that. Run by ctest,
# which sets the variables (tests/CMakeLists.txt).
function(run)
  execute_process(COMMAND ${ARGV} COMMAND_ERROR_IS_FATAL ANY)
endfunction()

# The installation is always a fresh one, so that a header that is no longer installed cannot help.
# What was built against it stays: headers keep their times, so only what changed is compiled again.
file(REMOVE_RECURSE ${SCRATCH}/prefix)
run(${CMAKE_COMMAND} --install ${KETGRAD_BUILD} --config ${BUILD_TYPE} --component development --prefix ${SCRATCH}/prefix)
run(${CMAKE_COMMAND} -S ${PROJECT} -B ${SCRATCH}/build -G ${GENERATOR}
  -D CMAKE_CXX_COMPILER=${COMPILER}
  -D CMAKE_BUILD_TYPE=${BUILD_TYPE}
  -D CMAKE_PREFIX_PATH=${SCRATCH}/prefix)
run(${CMAKE_COMMAND} --build ${SCRATCH}/build --config ${BUILD_TYPE})
run(${CMAKE_CTEST_COMMAND} --test-dir ${SCRATCH}/build -C ${BUILD_TYPE} --output-on-failure --no-tests=error)
