"""Images: DICOM, NIfTI and pictures. Find what identifies people in headers and pixels, and replace it."""
