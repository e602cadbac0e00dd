"""What an edition leaves behind: results, gallery, exports."""
