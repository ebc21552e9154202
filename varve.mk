# Varve's library sources: the one list that every build reads (our CMake,
# RocksDB's Makefile and RocksDB's CMake through our CMakeLists.txt).
#
# A new source is one new line: "varve_SOURCES += room/noun.cc", sorted. A
# header that programs include lies in include/varve/ and is one
# "varve_HEADERS +=" line; it may include std, rocksdb/*.h and its neighbours.
# Tests are listed in tests/CMakeLists.txt, tools, benches and fuzzers in
# cmake/Programs.cmake; a test checks all of these lists.
#
# RocksDB's CMake also looks into this file, with regular expressions that
# take the rest of the line after an upper-case name and an equals sign with
# single spaces. Its sources must come from one place only, so the list is
# written with += (which it does not match), and the two names that it shall
# find are written the way it wants them.

varve_SOURCES += compaction/ageing_mark.cc
varve_SOURCES += compaction/ageing_plan.cc
varve_SOURCES += compaction/ageing_tally.cc
varve_SOURCES += compaction/ageing_verdict.cc
varve_SOURCES += compaction/compaction_preset.cc
varve_SOURCES += compaction/counters.cc
varve_SOURCES += compaction/downsample.cc
varve_SOURCES += compaction/duration.cc
varve_SOURCES += compaction/entry_reach.cc
varve_SOURCES += compaction/flush_mark.cc
varve_SOURCES += compaction/held_blocks.cc
varve_SOURCES += compaction/index_filter_factory.cc
varve_SOURCES += compaction/index_merge_operator.cc
varve_SOURCES += compaction/job_counters.cc
varve_SOURCES += compaction/kept_table.cc
varve_SOURCES += compaction/live_policy.cc
varve_SOURCES += compaction/policy.cc
varve_SOURCES += compaction/policy_agreement.cc
varve_SOURCES += compaction/policy_change.cc
varve_SOURCES += compaction/policy_users.cc
varve_SOURCES += compaction/policy_warnings.cc
varve_SOURCES += compaction/read_hint.cc
varve_SOURCES += compaction/row_merge.cc
varve_SOURCES += compaction/sample_merge.cc
varve_SOURCES += compaction/sample_merge_operator.cc
varve_SOURCES += compaction/sample_properties.cc
varve_SOURCES += compaction/sample_properties_collector.cc
varve_SOURCES += compaction/set_options_call.cc
varve_SOURCES += compaction/span_rows.cc
varve_SOURCES += compaction/thinned_decode.cc
varve_SOURCES += compaction/tier_filter.cc
varve_SOURCES += compaction/tier_filter_factory.cc
varve_SOURCES += compaction/time_partitioner.cc
varve_SOURCES += compaction/view.cc
varve_SOURCES += compaction/written_check.cc
varve_SOURCES += format/coding/column_cache.cc
varve_SOURCES += format/coding/column_lines.cc
varve_SOURCES += format/coding/cpu_level.cc
varve_SOURCES += format/coding/hex_lines.cc
varve_SOURCES += format/coding/prefix_code.cc
varve_SOURCES += format/coding/zstd_frames.cc
varve_SOURCES += format/index/group_row.cc
varve_SOURCES += format/index/id_chunk.cc
varve_SOURCES += format/index/id_set.cc
varve_SOURCES += format/index/index_key.cc
varve_SOURCES += format/index/index_row.cc
varve_SOURCES += format/index/label_row.cc
varve_SOURCES += format/index/pair_page.cc
varve_SOURCES += format/part/entry_list.cc
varve_SOURCES += format/part/entry_list_dump.cc
varve_SOURCES += format/part/part_box.cc
varve_SOURCES += format/part/part_dump.cc
varve_SOURCES += format/part/part_file.cc
varve_SOURCES += format/part/part_filter.cc
varve_SOURCES += format/part/part_index.cc
varve_SOURCES += format/part/part_stripe.cc
varve_SOURCES += format/row/block_dump.cc
varve_SOURCES += format/row/block_header.cc
varve_SOURCES += format/row/block_pieces.cc
varve_SOURCES += format/row/row_entries.cc
varve_SOURCES += format/row/row_key.cc
varve_SOURCES += format/row/row_shape.cc
varve_SOURCES += format/row/sample_block.cc
varve_SOURCES += format/timestamps/timestamp_analysis.cc
varve_SOURCES += format/timestamps/timestamp_column_dump.cc
varve_SOURCES += format/timestamps/timestamp_decode.cc
varve_SOURCES += format/timestamps/timestamp_encode.cc
varve_SOURCES += format/timestamps/timestamp_line.cc
varve_SOURCES += format/timestamps/timestamp_packed_decode.cc
varve_SOURCES += format/timestamps/timestamp_packed_dump.cc
varve_SOURCES += format/timestamps/timestamp_packed_encode.cc
varve_SOURCES += format/timestamps/timestamp_packing.cc
varve_SOURCES += format/timestamps/timestamp_sparse.cc
varve_SOURCES += format/timestamps/timestamp_tokens_decode.cc
varve_SOURCES += format/timestamps/timestamp_tokens_dump.cc
varve_SOURCES += format/timestamps/timestamp_tokens_encode.cc
varve_SOURCES += format/values/huffman.cc
varve_SOURCES += format/values/integer_blocks.cc
varve_SOURCES += format/values/integer_bytes.cc
varve_SOURCES += format/values/integer_choice.cc
varve_SOURCES += format/values/integer_column.cc
varve_SOURCES += format/values/integer_tokens.cc
varve_SOURCES += format/values/value_column_dump.cc
varve_SOURCES += format/values/value_decoder.cc
varve_SOURCES += format/values/value_dictionary.cc
varve_SOURCES += format/values/value_encoder.cc
varve_SOURCES += format/values/value_exceptions.cc
varve_SOURCES += format/values/value_integers_dump.cc
varve_SOURCES += format/values/value_kernels.cc
varve_SOURCES += format/values/value_kernels_avx2.cc
varve_SOURCES += format/values/value_kernels_avx512.cc
varve_SOURCES += format/values/value_parts.cc
varve_SOURCES += format/values/value_source.cc
varve_SOURCES += format/values/value_tokens_dump.cc
varve_SOURCES += plugin/ageing/ageing_calls.cc
varve_SOURCES += plugin/ageing/ageing_files.cc
varve_SOURCES += plugin/ageing/ageing_jobs.cc
varve_SOURCES += plugin/ageing/ageing_options.cc
varve_SOURCES += plugin/ageing/ageing_worker.cc
varve_SOURCES += plugin/ageing/earlier_policy.cc
varve_SOURCES += plugin/ageing/tier_scheduler.cc
varve_SOURCES += plugin/configure.cc
varve_SOURCES += plugin/host/column_family_handles.cc
varve_SOURCES += plugin/host/file_drop.cc
varve_SOURCES += plugin/host/info_log.cc
varve_SOURCES += plugin/host/iterator_memory.cc
varve_SOURCES += plugin/host/lookup_key.cc
varve_SOURCES += plugin/host/open_family.cc
varve_SOURCES += plugin/host/rocksdb_match.cc
varve_SOURCES += plugin/memtable/chunk_images.cc
varve_SOURCES += plugin/memtable/row_index.cc
varve_SOURCES += plugin/memtable/row_spans.cc
varve_SOURCES += plugin/memtable/row_walk.cc
varve_SOURCES += plugin/memtable/sample_memtable.cc
varve_SOURCES += plugin/memtable/sample_memtable_factory.cc
varve_SOURCES += plugin/memtable/sample_memtable_iterator.cc
varve_SOURCES += plugin/memtable/sample_memtable_reads.cc
varve_SOURCES += plugin/memtable/sample_row.cc
varve_SOURCES += plugin/memtable/sightings.cc
varve_SOURCES += plugin/part_table/part_box_source.cc
varve_SOURCES += plugin/part_table/part_cache_stats.cc
varve_SOURCES += plugin/part_table/part_index_cursor.cc
varve_SOURCES += plugin/part_table/part_properties.cc
varve_SOURCES += plugin/part_table/part_readahead.cc
varve_SOURCES += plugin/part_table/part_rows.cc
varve_SOURCES += plugin/part_table/part_table_builder.cc
varve_SOURCES += plugin/part_table/part_table_dump.cc
varve_SOURCES += plugin/part_table/part_table_estimate.cc
varve_SOURCES += plugin/part_table/part_table_factory.cc
varve_SOURCES += plugin/part_table/part_table_finish.cc
varve_SOURCES += plugin/part_table/part_table_iterator.cc
varve_SOURCES += plugin/part_table/part_table_multiget.cc
varve_SOURCES += plugin/part_table/part_table_open.cc
varve_SOURCES += plugin/part_table/part_table_options.cc
varve_SOURCES += plugin/part_table/part_table_reader.cc
varve_SOURCES += plugin/part_table/part_table_verify.cc
varve_SOURCES += plugin/part_table/sst_walk.cc
varve_SOURCES += plugin/registration.cc
varve_SOURCES += plugin/samples/delete_series.cc
varve_SOURCES += plugin/samples/first_sequence.cc
varve_SOURCES += plugin/samples/hinted_iterator.cc
varve_SOURCES += plugin/samples/ingest_files.cc
varve_SOURCES += plugin/samples/live_column_family.cc
varve_SOURCES += plugin/samples/operand_encoder.cc
varve_SOURCES += plugin/samples/partition_rows.cc
varve_SOURCES += plugin/samples/row_cursor.cc
varve_SOURCES += plugin/samples/row_encoding.cc
varve_SOURCES += plugin/samples/row_reader.cc
varve_SOURCES += plugin/samples/sample_output.cc
varve_SOURCES += plugin/samples/sample_reader.cc
varve_SOURCES += plugin/samples/sample_writer.cc
varve_SOURCES += plugin/samples/scan_cursor.cc
varve_SOURCES += plugin/samples/series_walk.cc
varve_SOURCES += plugin/samples/span_file.cc
varve_SOURCES += plugin/set_policy.cc

# In libvarve.so and libvarve.a, not in RocksDB's own tree: what comes before a
# definition of RocksDB's own.
varve_PRELOAD_SOURCES += plugin/part_table/sst_dump_table.cc

# A library of its own, libvarve_index, which links RE2; not in RocksDB's tree.
varve_INDEX_SOURCES += index/configure_index.cc
varve_INDEX_SOURCES += index/dead_series.cc
varve_INDEX_SOURCES += index/hash_cache.cc
varve_INDEX_SOURCES += index/index_reader.cc
varve_INDEX_SOURCES += index/label_reader.cc
varve_INDEX_SOURCES += index/label_values.cc
varve_INDEX_SOURCES += index/pending_ids.cc
varve_INDEX_SOURCES += index/registrar.cc
varve_INDEX_SOURCES += index/registration_rows.cc
varve_INDEX_SOURCES += index/selection.cc
varve_INDEX_SOURCES += index/series_index.cc
varve_INDEX_SOURCES += index/utf8.cc
varve_INDEX_SOURCES += index/value_matcher.cc
varve_INDEX_SOURCES += index/write_gate.cc

varve_HEADERS += include/varve/ageing_report.h
varve_HEADERS += include/varve/compaction_preset.h
varve_HEADERS += include/varve/counters.h
varve_HEADERS += include/varve/export.h
varve_HEADERS += include/varve/policy.h
varve_HEADERS += include/varve/row_shape.h
varve_HEADERS += include/varve/series_index.h
varve_HEADERS += include/varve/varve.h

varve_FUNC = varve_register
varve_LIBS = zstd

# RocksDB's Makefile runs in its own root. Our includes are relative to ours,
# and <varve/varve.h> is found by RocksDB's own sources too.
varve_CXXFLAGS += -Iplugin/varve -Iplugin/varve/include -ffp-contract=off
varve_LDFLAGS += -lzstd
