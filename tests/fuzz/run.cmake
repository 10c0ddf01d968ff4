# Runs FUZZER for twenty seconds on a copy of SEEDS, so that nothing is ever
# written to the sources. What it finds stays in SCRATCH.
cmake_path(GET FUZZER FILENAME name)
file(REMOVE_RECURSE "${SCRATCH}")
file(COPY "${SEEDS}/" DESTINATION "${SCRATCH}/corpus")
execute_process(
  COMMAND "${FUZZER}" -max_total_time=20 -max_len=4096 -timeout=5 -rss_limit_mb=1024 -print_final_stats=1
          -verbosity=0 "-artifact_prefix=${SCRATCH}/" "${SCRATCH}/corpus"
  RESULT_VARIABLE result
  ERROR_VARIABLE told)
message("${told}")
if(NOT result EQUAL 0)
  message(FATAL_ERROR "${name} found something; see ${SCRATCH}")
endif()
string(REGEX MATCH "number_of_executed_units: *([0-9]+)" found "${told}")
if(NOT found OR CMAKE_MATCH_1 EQUAL 0)
  message(FATAL_ERROR "${name} ran nothing")
endif()
message("lane ${name}: ${CMAKE_MATCH_1} inputs")
